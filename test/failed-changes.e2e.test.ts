import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diagnose, findInstallation } from "../lib/operate/index.ts";
import { readFunction } from "../lib/operate/lambda-functions.ts";
import { limitScopes, readDeployments, readLimits, readServices } from "../lib/restate/index.ts";
import { defineTool } from "../lib/tool/index.ts";
import { type DeployedStack, type Edition, OTHER, startDeployedStack } from "./support/deployed-stack.ts";
import agent from "./support/functions/agent/agent.ts";
import gate from "./support/functions/gate/tool.ts";
import narrow from "./support/functions/narrow/tool.ts";
import record from "./support/functions/record/tool.ts";
import { answer, calls, resultsIn } from "./support/script.ts";

const FIRST: Edition = { tools: [gate, record] };
const SECOND: Edition = { tools: [gate, record], handlers: { gate: "second-edition/gate" } };
const WITHOUT_GATE: Edition = { tools: [record] };
const BY_FIRST = { c: { id: "g" } };
const BY_SECOND = { c: { id: "g", told: "by the second edition" } };
const script = [calls({ id: "c", name: "gate", input: { id: "g" } }), answer("Done.")] as const;
/** A deployment starts every function that it registers. */
const roomy = { timeout: 180_000 };

let stack: DeployedStack;
const withStack = () => {
  beforeAll(async () => {
    stack = await startDeployedStack();
  }, roomy.timeout);
  afterAll(() => stack?.stop());
};
const admin = () => ({ url: stack.cluster.restate.adminUrl });
const limits = async () => Object.fromEntries(await readLimits(admin()));
const names = async () => (await readServices(admin())).map(({ name }) => name).sort();
/** `SERVICE:VERSION` of everything that is registered. */
const registered = async () =>
  (await readDeployments(admin())).map(({ arn }) => arn?.replace(/.*function:fanout-dev-/, "")).sort();
/** `FUNCTION:VERSION` of what new calls go to: an agent and its conversations are one function. */
const live = async () => {
  const [services, deployments] = await Promise.all([readServices(admin()), readDeployments(admin())]);
  const versions = services
    .map(({ deploymentId }) => deployments.find(({ id }) => id === deploymentId)?.arn)
    .map((arn) => arn?.replace(/.*function:fanout-dev-/, ""));
  return [...new Set(versions)].sort();
};
const askGate = async () => {
  await stack.cluster.run(...script);
  return resultsIn(stack.cluster.modelRequests.at(-1));
};

describe("a change that fails", () => {
  withStack();

  test("meets a stack that works", roomy, async () => {
    expect(await stack.deploy(FIRST)).toMatchObject({ status: "CREATE_COMPLETE" });
    expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:1", "record:1"]);
    expect(await askGate()).toEqual(BY_FIRST);
  });

  test("leaves a tool that it would have removed where it is: the tool answers", roomy, async () => {
    const { status } = await stack.deploy(WITHOUT_GATE, OTHER);
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:1", "record:1"]);
    expect(await askGate()).toEqual(BY_FIRST);
  });

  test("removes a tool that it has added, and its limit", roomy, async () => {
    const { status } = await stack.deploy({ tools: [gate, record, narrow] }, OTHER);
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await names()).toEqual([
      "RunEvents",
      "TestAgent",
      "TestAgentConversation",
      "ToolCalls",
      "gate",
      "record",
    ]);
    expect(await limits()).toEqual({});
  });

  test(
    "makes the old code live again, keeps the new version for the runs that began on it, and the same code can be deployed afterwards, however often it failed",
    roomy,
    async () => {
      for (const version of ["gate:2", "gate:3"]) {
        const { status } = await stack.deploy(SECOND, OTHER);
        expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
        expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:1", "record:1"]);
        expect(await registered()).toContain(version);
        expect(await askGate()).toEqual(BY_FIRST);
      }
      expect(await stack.deploy(SECOND)).toMatchObject({ status: "UPDATE_COMPLETE" });
      expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:4", "record:1"]);
      expect(await askGate()).toEqual(BY_SECOND);
    },
  );

  test(
    "whose rollback fails too, because the key has changed meanwhile, goes on when the key is right again",
    roomy,
    async () => {
      const changeKey = () => {
        stack.admin.key = "another";
      };
      const failed = await stack.deploy(FIRST, OTHER, changeKey);
      expect(failed.status).toBe("UPDATE_ROLLBACK_FAILED");
      expect(failed.events.at(-1)).toMatch(
        /ROLLBACK_FAILED gate.*: Restate cannot use fanout-dev-gate:4 \(401\)/,
      );
      expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:5", "record:1"]);
      stack.admin.key = stack.secret;
      expect(await stack.continueRollback()).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE" });
      expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:4", "record:1"]);
      expect(await askGate()).toEqual(BY_SECOND);
    },
  );

  test("may be one back to older code, which is a version again", roomy, async () => {
    expect(await stack.deploy(FIRST)).toMatchObject({ status: "UPDATE_COMPLETE" });
    expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:6", "record:1"]);
    expect(await askGate()).toEqual(BY_FIRST);
  });
});

describe("what a deployment removes", () => {
  withStack();

  test(
    "is everything, if it is the first one and fails; after that the stack can be made",
    roomy,
    async () => {
      expect(await stack.deploy({ tools: [gate, narrow] }, OTHER)).toMatchObject({
        status: "ROLLBACK_COMPLETE",
      });
      expect([await registered(), await limits()]).toEqual([[], {}]);
    },
  );

  test("goes in the cleanup phase, all versions of it and its limit, and the rest stays", roomy, async () => {
    await stack.deploy({ tools: [gate, narrow] });
    await stack.deploy({ ...SECOND, tools: [gate, narrow] });
    await limitScopes(admin(), new Map([["gate", 9]]));
    expect(await registered()).toEqual(["RunEvents:2", "TestAgent:2", "gate:2", "gate:3", "narrow:2"]);
    expect(await limits()).toEqual({ gate: 9, narrow: 3 });
    const { status, events } = await stack.deploy({ tools: [narrow] });
    expect(status).toBe("UPDATE_COMPLETE");
    expect(events.map((event) => event.replace(/[A-F0-9]{8,}/g, ""))).toEqual([
      "UPDATE RestateAdminRules",
      "DELETE RestateAdminServicegate",
      "DELETE gateFunctionCurrentVersionRestateServiceDeployment",
      "DELETE gateFunction",
      "DELETE RestateAdminRevisiongate",
    ]);
    expect(await registered()).toEqual(["RunEvents:2", "TestAgent:2", "narrow:2"]);
    expect(await limits()).toEqual({ narrow: 3 });
  });

  test("goes with the stack, and another's limits stay", roomy, async () => {
    await limitScopes(admin(), new Map([["another.stack", 9]]));
    expect(await stack.delete()).toMatchObject({ status: "DELETE_COMPLETE" });
    expect(await registered()).toEqual([]);
    expect(await limits()).toEqual({ "another.stack": 9 });
  });

  test("is not removed from a Restate that is gone: that is logged, and the stack goes", roomy, async () => {
    await stack.deploy({ tools: [gate] });
    stack.admin.reachable = false;
    expect(await stack.delete()).toMatchObject({ status: "DELETE_COMPLETE" });
    stack.admin.reachable = true;
    const told = stack.cluster.log.filter((line) => line.includes("cleanup failed"));
    expect(told).toHaveLength(3);
    for (const line of told) {
      expect(line).toContain("RestateAdminService");
      expect(line).toContain(`Restate's admin API at ${stack.admin.url} does not answer`);
    }
  });
});

describe("flow control", () => {
  withStack();
  const EDITION: Edition = { tools: [gate, narrow] };
  const installation = () => {
    const { adminUrl, ingressUrl } = stack.cluster.restate;
    const found = findInstallation({}, { adminUrl, ingressUrl, lambdaUrl: stack.cluster.lambda.url });
    return { ...found, name: "fanout-dev", admin: { url: stack.admin.url, token: stack.secret } };
  };
  /** What the doctor says of the functions' setting. */
  const complaints = async () => {
    const findings = await diagnose(installation, async () => ({ tools: EDITION.tools, agents: [agent] }));
    return findings.filter(({ check }) => check === "RESTATE_SCOPES").map(({ level }) => level);
  };
  /** Whether the newest version of each function gives its calls a scope. */
  const scopes = async () => {
    const { lambda } = installation();
    const services = ["TestAgent", "gate", "narrow"];
    const functions = await Promise.all(services.map((name) => readFunction(lambda, `fanout-dev-${name}`)));
    return functions.map((found) => found?.versions.at(-1)?.environment.RESTATE_SCOPES);
  };

  test("is asked for where the server has none, and then there are no limits", roomy, async () => {
    stack.admin.flowControl = false;
    expect(await stack.deploy(EDITION)).toMatchObject({ status: "CREATE_COMPLETE" });
    expect(await scopes()).toEqual(["off", "off", "off"]);
    expect(await limits()).toEqual({});
  });

  test(
    "reaches every function and Restate with the next deployment that succeeds after it was turned on, as the doctor says",
    roomy,
    async () => {
      stack.admin.flowControl = true;
      expect(await stack.deploy(EDITION)).toMatchObject({ status: "UPDATE_COMPLETE" });
      expect(await scopes()).toEqual(["on", "on", "on"]);
      expect(await live()).toEqual(["RunEvents:2", "TestAgent:2", "gate:2", "narrow:2"]);
      expect(await limits()).toEqual({ narrow: 3 });
      expect(await askGate()).toEqual(BY_FIRST);
    },
  );

  test(
    "makes no version in a deployment that changes nothing, and keeps what was scaled",
    roomy,
    async () => {
      await limitScopes(admin(), new Map(Object.entries({ narrow: 2, gate: 7 })));
      const { events } = await stack.deploy(EDITION);
      expect(events).toEqual([expect.stringMatching(/^UPDATE RestateAdminRules/)]);
      expect(await live()).toEqual(["RunEvents:2", "TestAgent:2", "gate:2", "narrow:2"]);
      expect(await limits()).toEqual({ narrow: 2, gate: 7 });
    },
  );

  test(
    "has a function's declared limit again after a deployment that changes the function",
    roomy,
    async () => {
      await stack.deploy({ ...EDITION, handlers: SECOND.handlers ?? {} });
      expect(await limits()).toEqual({ narrow: 2 });
      await stack.deploy({ ...EDITION, tools: [gate, defineTool({ ...narrow, description: "Changed." })] });
      expect(await limits()).toEqual({ narrow: 3 });
    },
  );

  test("has a limit that is declared anew, though it is all that changes", roomy, async () => {
    await stack.deploy({ ...EDITION, scaling: { narrow: { maxConcurrency: 5 } } });
    expect(await limits()).toEqual({ narrow: 5 });
  });

  test(
    "is not asked for any more when the server has it no longer, once the doctor's advice is followed",
    roomy,
    async () => {
      stack.admin.flowControl = false;
      expect(await complaints()).toEqual(["problem"]);
      expect(await stack.deploy(EDITION)).toMatchObject({ status: "UPDATE_COMPLETE" });
      expect(await complaints()).toEqual([]);
      expect(await scopes()).toEqual(["off", "off", "off"]);
      expect(await askGate()).toEqual(BY_FIRST);
    },
  );
});

describe("a deployment that cannot register", () => {
  withStack();
  beforeAll(() => stack.deploy(FIRST), roomy.timeout);

  test("for its key says which secret it is in, before anything is changed", roomy, async () => {
    stack.admin.key = "another";
    const { status, reason, events } = await stack.deploy(SECOND);
    expect(reason).toContain(
      `Restate's admin API at ${stack.admin.url} refused the token (401). The key is the value of the secret restate/api-key.`,
    );
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(events).toEqual([
      expect.stringMatching(/^FAILED RestateAdminRules/),
      expect.stringMatching(/^ROLLBACK RestateAdminRules/),
    ]);
    stack.admin.key = stack.secret;
  });

  test("because Restate does not answer says so, before anything is changed", roomy, async () => {
    stack.admin.reachable = false;
    const { status, reason, events } = await stack.deploy(SECOND);
    expect(reason).toContain(`Restate's admin API at ${stack.admin.url} does not answer. Is it running?`);
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(events).toHaveLength(2);
    stack.admin.reachable = true;
  });

  test("a function that does not start says what the function said", roomy, async () => {
    const { status, reason } = await stack.deploy({ ...FIRST, handlers: { gate: "broken" } });
    expect(reason).toMatch(
      /: Restate cannot use fanout-dev-gate:\d \(500\): GATE_KEYS should name the gate's keys; it is not set\.$/,
    );
    expect(status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await live()).toEqual(["RunEvents:1", "TestAgent:1", "gate:1", "record:1"]);
    expect(await askGate()).toEqual(BY_FIRST);
  });
});
