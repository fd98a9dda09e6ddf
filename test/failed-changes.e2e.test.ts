import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDeployments, readLimits, readServices } from "../lib/restate/index.ts";
import { type DeployedStack, type Edition, startDeployedStack } from "./support/deployed-stack.ts";
import gate from "./support/functions/gate/tool.ts";
import record from "./support/functions/record/tool.ts";
import { answer, calls, resultsIn } from "./support/script.ts";

const FIRST: Edition = { tools: [gate, record] };
const SECOND: Edition = { tools: [gate, record], handlers: { gate: "second-edition/gate" } };
const WITHOUT_GATE: Edition = { tools: [record] };
const script = [calls({ id: "c", name: "gate", input: { id: "g" } }), answer("Done.")] as const;
/** A deployment starts every function that it registers. */
const roomy = { timeout: 180_000 };

let stack: DeployedStack;
const start = async () => {
  stack = await startDeployedStack();
};
const admin = () => ({ url: stack.cluster.restate.adminUrl });
const names = async () => (await readServices(admin())).map(({ name }) => name).sort();
const versions = async () =>
  (await readDeployments(admin())).map(({ arn }) => arn?.replace(/.*function:fanout-dev-/, "")).sort();
const toldByGate = async () => {
  await stack.cluster.run(...script);
  return resultsIn(stack.cluster.modelRequests.at(-1));
};

describe("a change that fails", () => {
  beforeAll(start, 180_000);
  afterAll(() => stack?.stop());

  test("is preceded by a stack that works", roomy, async () => {
    expect(await stack.deploy(FIRST)).toMatchObject({ status: "CREATE_COMPLETE" });
    expect(await names()).toEqual(["TestAgent", "gate", "record"]);
    expect(await toldByGate()).toEqual({ c: { id: "g" } });
  });

  test("leaves a tool that it would have removed where it was: it answers", roomy, async () => {
    const outcome = await stack.deploy(WITHOUT_GATE, "DeploymentLogs");
    expect(outcome.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await names()).toEqual(["TestAgent", "gate", "record"]);
    expect(await toldByGate()).toEqual({ c: { id: "g" } });
  });

  test("to new code leaves the old code live, and then the same new code can be deployed", roomy, async () => {
    expect(await stack.deploy(SECOND, "TestAgentFunctionCurrentVersion")).toMatchObject({
      status: "UPDATE_ROLLBACK_COMPLETE",
    });
    expect(await toldByGate()).toEqual({ c: { id: "g" } });
    expect(await stack.deploy(SECOND)).toMatchObject({ status: "UPDATE_COMPLETE" });
    expect(await toldByGate()).toEqual({ c: { id: "g", told: "by the second edition" } });
    expect(await versions()).toEqual([]);
    expect(await readLimits(admin())).toEqual(new Map());
  });
});
