import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Stack } from "aws-cdk-lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineTool } from "../lib/tool/index.ts";
import {
  agent,
  configFor,
  plain,
  type Resource,
  type Synthesis,
  schemas,
  startSynthesis,
  tuned,
} from "./support/stack.ts";

interface Template {
  Resources: Record<string, Resource>;
  Parameters?: object;
  Outputs?: object;
}

const more = Array.from({ length: 6 }, (_, index) =>
  defineTool({ name: `more_${index}`, description: "One of many.", ...schemas }),
);
const tools = [plain, tuned, ...more];
const toolStacks = { main: ["plain"], Tools2: ["tuned"], Tools3: more.map(({ name }) => name) };
const config = configFor("cloud", { FANOUT_STAGE: "prod" });

let synthesis: Synthesis;
let main: Template;
let nested: Template[];
beforeAll(() => {
  synthesis = startSynthesis();
  const settings = { permissionsBoundary: "developers" };
  const stack = synthesis.stack(config, { tools, toolStacks, settings });
  const { directory } = (stack.node.root as App).synth();
  const read = (file: string): Template => JSON.parse(readFileSync(join(directory, file), "utf8"));
  main = read(stack.templateFile);
  nested = ["Tools2", "Tools3"].map((id) => read((stack.node.findChild(id) as Stack).templateFile));
});
afterAll(() => synthesis.remove());

const typesIn = (template: Template | undefined) =>
  Object.values(template?.Resources ?? {}).map(({ Type }) => Type);
const ofType = (template: Template | undefined, type: string) =>
  Object.entries(template?.Resources ?? {}).filter(([, { Type }]) => Type === type);
const namesIn = (template: Template | undefined) =>
  ofType(template, "AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);
const REGISTRATION = "Custom::RestateServiceDeployment";

test("a nested stack has all that belongs to its tools, under the names that it has in one stack", () => {
  expect(namesIn(nested[0])).toEqual(["fanout-prod-tuned", "provisioned-concurrency-fanout-prod-Tools2"]);
  expect([...new Set(typesIn(nested[0]))].sort()).toEqual([
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "Custom::FunctionRevision",
    "Custom::ProvisionedConcurrency",
    "Custom::RestateService",
    REGISTRATION,
  ]);
  const [[, dashboard] = []] = ofType(nested[0], "AWS::CloudWatch::Dashboard");
  expect(dashboard?.Properties.DashboardName).toBe("fanout-prod-Tools2");
});

test("what a project asks of the whole stack holds in the nested ones", () => {
  const roles = nested.flatMap((template) => ofType(template, "AWS::IAM::Role"));
  expect(roles.length).toBeGreaterThan(nested.length);
  for (const [, { Properties }] of roles)
    expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(":policy/developers");
});

test("the main stack knows nothing of what is in a nested one, so that tools come and go without it", () => {
  for (const template of nested) expect(template.Outputs).toBeUndefined();
  expect(namesIn(main).filter((name) => /plain|tuned|more|Agent/.test(name))).toEqual([
    "fanout-prod-plain",
    "fanout-prod-TestAgent",
  ]);
  const [[, rules] = []] = ofType(main, "Custom::RestateConcurrencyRules");
  const limits: { scope: string }[] = JSON.parse(rules?.Properties.limits);
  expect(limits.map(({ scope }) => scope)).toEqual([...tools, agent].map(({ name }) => name));
});

test("nested stacks are deployed one after the other, after what registers, and before the agent is registered", () => {
  const stacks = ofType(main, "AWS::CloudFormation::Stack");
  const [
    [first = "", { DependsOn: before = [] } = {}] = [],
    [second = "", { DependsOn: then = [] } = {}] = [],
  ] = stacks;
  expect(stacks).toHaveLength(2);
  expect(before.join()).toMatch(/RegistrationsDeployer/);
  expect(then).toContain(first);
  const [[, registration] = []] = ofType(main, REGISTRATION).filter(([id]) => id.startsWith("TestAgent"));
  expect(registration?.DependsOn).toEqual(expect.arrayContaining([first, second]));
});

test("no more than four services of a stack are registered at the same time", () => {
  const registrations = ofType(nested[1], REGISTRATION);
  const ids = registrations.map(([id]) => id);
  const waiting = registrations.map(([, { DependsOn = [] }]) => DependsOn.filter((id) => ids.includes(id)));
  expect(waiting).toEqual([[], [], [], [], [ids[0]], [ids[1]]]);
});

test("a laptop has one stack, however many tools there are", () => {
  const stack = synthesis.stack(configFor("local"), { tools, toolStacks });
  expect(stack.node.findAll().filter(Stack.isStack)).toEqual([stack]);
});
