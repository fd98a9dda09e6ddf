import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OwnCluster } from "./support/cluster.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls } from "./support/script.ts";
import { SDK_LOOPS } from "./support/sdk-loops.ts";

// A run by the loop of another SDK, which is killed at each of its steps, and comes to the same.

const SCRIPT = [
  calls(
    { id: "r1", name: "gate", input: { id: "at r1" } },
    { id: "bad", name: "fails", input: { how: "for-good" } },
    { id: "w", name: "record", input: { id: "at w" } },
  ),
  calls({ id: "all", name: "composite", input: { ids: ["p1", "p2"] } }),
  answer("All done."),
];

/** The agent: its start, after the reads, the write and the composite. Two reads, a write; the composite twice, and its parts. */
const AGENT_INVOCATIONS = 1 + 3;
const INVOCATIONS = AGENT_INVOCATIONS + 3 + 2 + 2;

let cluster: OwnCluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({
    functions: ["agent", "composite", "fails", "gate", "record"],
  }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

async function runWithCrash(point: CrashPoint | undefined, crash: () => void) {
  cluster.gate.use((id) => `told ${id}`);
  proxy.arm(point, crash);
  const id = await cluster.begin(...SCRIPT);
  const { answer, turns, toolCalls } = await cluster.outcome(id);
  const keys = cluster.gate.keys.get("at w") ?? [];
  const told = cluster.modelRequests.at(-1)?.messages.filter(({ role }) => role === "tool");
  return {
    outcome: { answer, turns, calls: toolCalls.map(({ id, status }) => `${id} ${status}`) },
    told: told?.map(({ content }) => String(content).replace(/inv_\w+/, "the call")),
    writes: new Set(keys).size,
  };
}

const killEnvironments = () => {
  for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
};
const killServer = () => void cluster.crashServer();

// One loop for each of the examples.
const loops = SDK_LOOPS.filter(({ loop }) => ["openai-agents", "langchain", "adk"].includes(loop));

describe.each(loops)("$loop", ({ loop, isInstalled }) => {
  const runs = test.runIf(isInstalled);
  let undisturbed: Awaited<ReturnType<typeof runWithCrash>>;
  beforeAll(async () => {
    if (isInstalled) await cluster.deploy({ agent: `loops/${loop}` });
  });

  runs("the run without a crash is what the crashes are compared with", async () => {
    undisturbed = await runWithCrash(undefined, () => {});
    expect(undisturbed).toMatchObject({
      outcome: { answer: "All done.", turns: 3, calls: ["r1 ok", "bad error", "w ok", "all ok"] },
      writes: 1,
    });
    expect(undisturbed.told).toHaveLength(4);
    expect(proxy.invoked).toHaveLength(INVOCATIONS);
    expect(proxy.invoked.filter((name) => name === "agent")).toHaveLength(AGENT_INVOCATIONS);
  });

  // The agent's own, and the write; a tool's end has nothing to do with the loop.
  runs.each([1, 4, 5, 11])("F10, F12: every function dies after invocation %i", async (invocation) => {
    expect(await runWithCrash({ invocation, when: "after" }, killEnvironments)).toEqual(undisturbed);
  });

  // What the server does is the same for every loop.
  runs.each([4])("F12: the server dies after invocation %i", async (invocation) => {
    expect(await runWithCrash({ invocation, when: "after" }, killServer)).toEqual(undisturbed);
  });
});
