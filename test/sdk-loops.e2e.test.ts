import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readCall } from "../lib/cli/run/journal.ts";
import { query } from "../lib/restate/index.ts";
import { type OwnCluster, startCluster } from "./support/cluster.ts";
import { barrier, closed, inOrder } from "./support/gate.ts";
import { answer, calls } from "./support/script.ts";
import { SDK_LOOPS } from "./support/sdk-loops.ts";

// The test's agent with the loops of other SDKs, each of which schedules the calls of a reply in its own way.

const call = (id: string, name: string, input: unknown = { id: `at ${id}` }) => ({ id, name, input });
const gates = (...ids: string[]) => ids.map((id) => call(id, "gate"));

// What the server does with the journal in other modes does not depend on the loop; a replay does, and is one on Lambda in each.
describe("a loop of another SDK", () => {
  let cluster: OwnCluster;
  beforeAll(async () => {
    cluster = await startCluster("v7", { functions: ["agent", "fails", "gate", "record", "slow"] });
  });
  afterAll(() => cluster?.stop());

  /** What the model was told of a call in its last request. */
  const told = (id: string) => {
    const message = cluster.modelRequests.at(-1)?.messages.find(({ tool_call_id }) => tool_call_id === id);
    return JSON.stringify(message?.content);
  };

  describe.each(SDK_LOOPS)("$loop", ({ loop, isInstalled }) => {
    const runs = test.runIf(isInstalled);
    beforeAll(async () => {
      if (isInstalled) await cluster.deploy({ agent: `loops/${loop}` });
    });
    beforeEach(() => cluster.gate.use(() => {}));

    runs("F1: calls of one reply are in flight at once, and each result gets to its call", async () => {
      cluster.gate.use(barrier(4));
      const run = await cluster.run(calls(...gates("a", "b", "c", "d")), answer("All four."));
      expect(run).toMatchObject({ answer: "All four.", finishReason: "stop", turns: 2 });
      expect(cluster.gate.history.slice(0, 4).every((event) => event.startsWith("arrived"))).toBe(true);
      expect(run.toolCalls.map(({ id, status }) => `${id} ${status}`)).toEqual([
        "a ok",
        "b ok",
        "c ok",
        "d ok",
      ]);
      for (const id of ["a", "b", "c", "d"]) expect(told(id)).toContain(`at ${id}`);
      expect(run.usage.inputTokens).toBeGreaterThan(0);
      expect(cluster.invocations("agent")).toBe(2);
    });

    runs("F12: the journal has the calls of each reply in its order, whichever ends first", async () => {
      const order = ["c", "a", "b", "e", "d"];
      cluster.gate.use(inOrder(order.map((id) => `at ${id}`)));
      const id = await cluster.begin(
        calls(...gates("a", "b", "c")),
        calls(...gates("d", "e")),
        answer("Done."),
      );
      await cluster.outcome(id);
      expect(await commandsOf(id)).toEqual([
        ...["Run model turn 1", "Call a", "Call b", "Call c", "Sleep"],
        ...["Run model turn 2", "Call d", "Call e", "Sleep"],
        "Run model turn 3",
      ]);
      expect(["agent", "gate"].map(cluster.invocations)).toEqual([3, 5]);
    });

    runs(
      "F2, F4, F8: failures, timeouts and invalid inputs are results, and the siblings' stay",
      async () => {
        cluster.gate.use((id) => (id === "at slow" ? closed(id) : undefined));
        const run = await cluster.run(
          calls(
            call("bad", "fails", { how: "for-good" }),
            call("slow", "slow"),
            call("odd", "gate", { id: 5 }),
            call("none", "get_wether", {}),
            call("fine", "gate"),
          ),
          answer("One of five."),
        );
        expect(run.toolCalls.map(({ id, status }) => `${id} ${status}`)).toEqual([
          "bad error",
          "slow timeout",
          "odd invalid-input",
          "fine ok",
        ]);
        expect(told("bad")).toContain("No such thing.");
        expect(told("slow")).toContain("timeout after");
        expect(told("odd")).toContain("id");
        // A tool that is not the run's is the SDK's to know: it may have tools of its own.
        expect(told("none")).toContain("get_wether");
        expect(told("fine")).toContain("at fine");
      },
    );

    runs("F5, F6: a write waits for the reads before it, and reads that are alike run once", async () => {
      const same = { id: "same" };
      const run = await cluster.run(
        calls(call("r1", "gate", same), call("r2", "gate", same), call("w", "record"), call("r3", "gate")),
        answer("Done."),
      );
      expect(run.toolCalls.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
      expect(cluster.gate.history.filter((event) => !event.startsWith("dropped"))).toEqual(
        ["same", "at w", "at r3"].flatMap((id) => [`arrived ${id}`, `left ${id}`]),
      );
      for (const id of ["r1", "r2"]) expect(told(id)).toContain("same");
      expect(["agent", "gate", "record"].map(cluster.invocations)).toEqual([4, 2, 1]);
    });

    runs("F11: at a limit the model gets one last turn without tools", async () => {
      const options = { limits: { maxTurns: 2 } };
      const run = await cluster.runWith(options, calls(...gates("a")), answer("So far."));
      expect(run).toMatchObject({ answer: "So far.", finishReason: "max-turns", turns: 2 });
      // Two of them are told not to call.
      expect(cluster.modelRequests.map(({ tools = [] }) => tools.length > 0)).toEqual([
        true,
        ["ai-sdk", "adk"].includes(loop),
      ]);
    });

    runs("F13: cancelling a run cancels its calls, whatever the SDK makes of it", async () => {
      cluster.gate.use((id) => (id === "at a" ? closed(id) : undefined));
      const id = await cluster.begin(calls(call("a", "slow"), call("b", "gate")), answer("Never."));
      await expect.poll(() => cluster.gate.history).toContain("arrived at a");
      await fetch(`${cluster.restate.adminUrl}/invocations/${id}/cancel`, { method: "PATCH" });
      await expect(cluster.outcome(id)).rejects.toThrow(/409.*cancelled/i);
      const unfinished = `SELECT target FROM sys_invocation WHERE status <> 'completed'`;
      await expect.poll(() => query({ url: cluster.restate.adminUrl }, unfinished)).toEqual([]);
      expect(cluster.modelRequests).toHaveLength(1);
    });

    runs("a history is refused in words, before the model is asked", async () => {
      await cluster.use(() => answer("Never."));
      const messages = [{ role: "user", text: "Before." }];
      const { status, body } = await cluster.call("/restate/call/TestAgent/run", {
        message: "Go.",
        messages,
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        message: expect.stringContaining(
          "messages: expected none: this agent has a loop of another SDK, which takes no history",
        ),
      });
      expect(cluster.modelRequests).toEqual([]);
    });

    runs("a model that refuses ends the run as a 502 in words", async () => {
      await cluster.use(() => ({ error: { message: "no such model" }, status: 404 }));
      const { status, body } = await cluster.call("/restate/call/TestAgent/run", { message: "Go." });
      expect(status).toBe(502);
      expect(body).toMatchObject({
        message: expect.stringMatching(/^The model \w+\/scripted answered 404: [\w ]*no such model$/),
      });
      expect(cluster.modelRequests).toHaveLength(1);
    });
  });

  /** What a run has recorded, calls by the model's ids. */
  async function commandsOf(id: string): Promise<string[]> {
    const commands = await query<{ entry_type: string; name: string; entry_json: string }>(
      { url: cluster.restate.adminUrl },
      `SELECT index, entry_type, name, entry_json FROM sys_journal WHERE id = '${id}' AND entry_type LIKE 'Command:%' ORDER BY index`,
    );
    return commands.slice(1, -1).map(({ entry_type, name, entry_json }) => {
      const call = entry_type === "Command: Call" ? readCall(entry_json).id : name;
      return `${entry_type.replace("Command: ", "")} ${call}`.trim();
    });
  }
});
