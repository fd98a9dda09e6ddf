import { afterAll, beforeAll, expect, test } from "vitest";
import { placeTools, type ToolStacks } from "../lib/deployment/index.ts";
import { readDeployments, readServices } from "../lib/restate/index.ts";
import { defineTool } from "../lib/tool/index.ts";
import { type DeployedStack, type Edition, OTHER, startDeployedStack } from "./support/deployed-stack.ts";
import gate from "./support/functions/gate/tool.ts";
import narrow from "./support/functions/narrow/tool.ts";
import record from "./support/functions/record/tool.ts";
import { answer, calls, resultsIn } from "./support/script.ts";
import { schemas } from "./support/stack.ts";

const numbered = (index: number) =>
  defineTool({ name: `numbered_${index}`, description: "One of many.", ...schemas });
const MANY = Array.from({ length: 148 }, (_, index) => numbered(index));
const handlers = Object.fromEntries(MANY.map(({ name }) => [name, "numbered"]));
/** One of each stack but the last is registered, and starts. */
const AWAKE = ["numbered_0", "numbered_50", "numbered_80", "numbered_110"];
const asleep = new Set(MANY.map(({ name }) => name).filter((name) => !AWAKE.includes(name)));

/** Every tool keeps its stack, as `npm run sync` writes it. */
let toolStacks: ToolStacks | undefined;
let earlier: string[] = [];
function edition(tools: Edition["tools"], changed: Edition["handlers"] = {}): Edition {
  const names = tools.map(({ name }) => name);
  toolStacks = placeTools(names, toolStacks, earlier);
  earlier = names;
  return { tools, handlers: { ...handlers, ...changed }, asleep, ...(toolStacks && { toolStacks }) };
}
const ALL = [record, ...MANY, gate];
/** Those in the first and in the last stack. */
const FEW = [record, ...MANY.slice(0, 34), ...MANY.slice(139), gate];
const first = () => edition(FEW);
const second = () => edition(FEW, { gate: "second-edition/gate" });

let stack: DeployedStack;
/** A deployment of 150 functions. */
const roomy = { timeout: 180_000 };
beforeAll(async () => {
  stack = await startDeployedStack();
}, roomy.timeout);
afterAll(() => stack?.stop());

const admin = () => ({ url: stack.cluster.restate.adminUrl });
/** `FUNCTION:VERSION` of what new calls go to: an agent and its conversations are one function. */
const live = async () => {
  const [services, deployments] = await Promise.all([readServices(admin()), readDeployments(admin())]);
  const versions = services
    .map(({ deploymentId }) => deployments.find(({ id }) => id === deploymentId)?.arn)
    .map((arn) => arn?.replace(/.*function:fanout-dev-/, ""));
  return [...new Set(versions)].sort();
};
/** What is live beside these. */
const besides = (...versions: string[]) =>
  ["RunEvents:1", "TestAgent:1", "numbered_0:1", "record:1", ...versions].sort();
const script = [calls({ id: "c", name: "gate", input: { id: "g" } }), answer("Done.")] as const;
const askGate = async () => {
  await stack.cluster.run(...script);
  return resultsIn(stack.cluster.modelRequests.at(-1));
};
const BY_FIRST = { c: { id: "g" } };
const BY_SECOND = { c: { id: "g", told: "by the second edition" } };

test(
  "150 tools are deployed in five stacks, and the agent is registered after all of them",
  roomy,
  async () => {
    const { status, events } = await stack.deploy(edition(ALL));
    expect(status).toBe("CREATE_COMPLETE");
    expect(Object.keys(toolStacks ?? {})).toEqual(["main", "Tools2", "Tools3", "Tools4", "Tools5"]);
    expect(toolStacks?.Tools5).toContain("gate");
    const made = events.filter((event) => /^CREATE .*RestateServiceDeployment/.test(event));
    expect(made).toHaveLength(8);
    expect(made.at(-1)).toMatch(/^CREATE TestAgent/);
    expect(await live()).toEqual(besides("gate:1", ...AWAKE.slice(1).map((name) => `${name}:1`)));
    expect(await askGate()).toEqual(BY_FIRST);
  },
);

test("a nested stack goes with its last tool, and the others stay", roomy, async () => {
  expect(await stack.deploy(first())).toMatchObject({ status: "UPDATE_COMPLETE" });
  expect(Object.keys(toolStacks ?? {})).toEqual(["main", "Tools5"]);
  expect(await live()).toEqual(besides("gate:1"));
  expect(await askGate()).toEqual(BY_FIRST);
});

test(
  "a failure outside of them rolls a nested tool back, and takes the one that was added away with its stack",
  roomy,
  async () => {
    const { status } = await stack.deploy(edition([...FEW, narrow], { gate: "second-edition/gate" }), OTHER);
    expect(toolStacks?.Tools2).toEqual(["narrow"]);
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await live()).toEqual(besides("gate:1"));
    expect(await askGate()).toEqual(BY_FIRST);
    expect(await stack.deploy(second())).toMatchObject({ status: "UPDATE_COMPLETE" });
    expect(await askGate()).toEqual(BY_SECOND);
  },
);

test("a failure inside of them does so too, and says where it was", roomy, async () => {
  const { status, reason } = await stack.deploy(first(), "RestateAdminServicenumbered147");
  expect(reason).toMatch(/^Tools5\w*: RestateAdminServicenumbered147\w* fails$/);
  expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
  expect(await askGate()).toEqual(BY_SECOND);
});

test("a rollback that fails in a nested stack goes on there when its cause is gone", roomy, async () => {
  const before = await live();
  const failed = await stack.deploy(first(), OTHER, () => {
    stack.admin.key = "another";
  });
  expect(failed.status).toBe("UPDATE_ROLLBACK_FAILED");
  expect(failed.events.at(-1)).toMatch(/^ROLLBACK_FAILED Tools5.*: gate.*: Restate cannot use .* \(401\)/);
  stack.admin.key = stack.secret;
  expect(await stack.continueRollback()).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE" });
  expect(await live()).toEqual(before);
  expect(await askGate()).toEqual(BY_SECOND);
});

test(
  "a nested tool is still registered if its removal fails, and goes in the cleanup of one that succeeds",
  roomy,
  async () => {
    const { status } = await stack.deploy(edition(FEW.filter((one) => one !== gate)), OTHER);
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await askGate()).toEqual(BY_SECOND);
    const removed = await stack.deploy(edition(FEW.filter((one) => one !== gate)));
    expect(removed.status).toBe("UPDATE_COMPLETE");
    expect(removed.events.map((event) => event.replace(/[A-F0-9]{8,}/g, ""))).toEqual([
      "UPDATE RestateAdminRules",
      "DELETE RestateAdminServicegate",
      "DELETE gateFunctionCurrentVersionRestateServiceDeployment",
      "DELETE gateFunction",
      "DELETE RestateAdminRevisiongate",
    ]);
    expect(await live()).toEqual(besides());
  },
);

test("everything goes with the stack around them", roomy, async () => {
  expect(await stack.delete()).toMatchObject({ status: "DELETE_COMPLETE" });
  expect(await readDeployments(admin())).toEqual([]);
});
