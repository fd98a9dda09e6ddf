import { afterEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineTool } from "../tool/index.ts";

const schemas = { input: z.object({}), output: z.object({}) };
const tools = [
  defineTool({ name: "plain", description: "Has only defaults.", ...schemas }),
  defineTool({
    name: "asks",
    description: "Asks for some calls.",
    ...schemas,
    timeout: { seconds: 5 },
    maxResultBytes: 1000,
    approval: () => false,
    expires: { seconds: 60 },
  }),
];

afterEach(() => vi.unstubAllEnvs());

/** What the function reads in an environment. */
async function read(setting: string) {
  vi.stubEnv("EXPOSED_TOOLS", setting);
  const { readExposed } = await import("./exposed.ts");
  return [...readExposed().values()];
}

test("the function reads what the stack has written, and a policy that it cannot ask counts as always", async () => {
  const { exposedSetting } = await import("./exposed.ts");
  expect(await read(exposedSetting(tools))).toEqual([
    { name: "plain", timeout: { seconds: 30 }, maxResultBytes: 32_768 },
    {
      name: "asks",
      timeout: { seconds: 5 },
      maxResultBytes: 1000,
      approval: "always",
      expires: { seconds: 60 },
    },
  ]);
});

test("no setting exposes nothing", async () => {
  const { exposedSetting } = await import("./exposed.ts");
  expect(exposedSetting([])).toBe("");
  expect(await read("")).toEqual([]);
});
