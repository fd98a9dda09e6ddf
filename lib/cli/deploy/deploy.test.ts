import { expect, test } from "vitest";
import type { Finding } from "../../operate/index.ts";
import { deploy, type Steps } from "./deploy.ts";

const problem: Finding = { check: "a check", level: "problem", text: "It is wrong." };
const warning: Finding = { check: "a check", level: "warning", text: "It is odd." };

/** Takes the steps with these differences. @returns the steps that were begun, and the error at the end. */
async function take(different: Partial<Steps>) {
  const begun: string[] = [];
  const steps: Steps = {
    begin: (step) => void begun.push(step),
    preflight: async () => ({ findings: [warning] }),
    synthesise: async () => {},
    diff: async () => {},
    agreed: async () => true,
    deploy: async () => {},
    examine: async () => [warning],
    smokeRun: async () => {},
    ...different,
  };
  const error = await deploy(steps).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  return { begun, error };
}
const fails = (message: string) => async () => Promise.reject(new Error(message));
const ALL = ["Preflight", "Synthesis", "Differences", "Deployment", "Examination", "Smoke run"];

test("all steps are taken in their order, warnings or not", async () => {
  expect(await take({})).toEqual({ begun: ALL, error: undefined });
});

test.each<[what: string, Partial<Steps>, last: string, error: RegExp]>([
  [
    "a problem at first",
    { preflight: async () => ({ findings: [problem] }) },
    "Preflight",
    /^\n1 problem\. Noth/,
  ],
  ["code that does not bundle", { synthesise: fails("No.") }, "Synthesis", /^No\. Nothing was changed\.$/],
  ["differences that cannot be read", { diff: fails("No.") }, "Differences", /^No\. Nothing was changed\.$/],
  ["any answer but yes", { agreed: async () => false }, "Differences", /^Nothing was changed\.$/],
  ["a deployment that fails", { deploy: fails("No.") }, "Deployment", /^No\. CloudFormation rolls back/],
  [
    "a problem then",
    { examine: async () => [problem, problem] },
    "Examination",
    /^\n2 problems\. It is deployed\./,
  ],
  ["a smoke run that fails", { smokeRun: fails("No.") }, "Smoke run", /^No\.\nIt is deployed\. Look at it/],
])("%s ends it, and it says what has happened by then", async (_, different, last, error) => {
  const taken = await take(different);
  expect(taken.begun).toEqual(ALL.slice(0, ALL.indexOf(last) + 1));
  expect(taken.error).toMatch(error);
});
