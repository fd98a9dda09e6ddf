import { TerminalError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import * as z from "zod";
import { fakeContext, type Issued } from "../../test/support/context.ts";
import { defineTool } from "../tool/index.ts";
import { brief } from "./briefing.ts";
import { defineAgent } from "./definition.ts";
import { handlersOf, type Work } from "./handlers.ts";
import type { ReadReply } from "./models/sdk-request.ts";
import { SdkLoop } from "./sdk-loop.ts";

// What a loop that is not ours may do to a run. The durable calls are recorded; what Restate makes of them is tested end to end.

const toolOf = (name: string, effect: "read" | "write" = "read") =>
  defineTool({
    name,
    description: "A tool.",
    input: z.object({ n: z.number() }),
    output: z.object({ n: z.number() }),
    effect,
  });
const agent = defineAgent({
  name: "LoopAgent",
  description: "Loops.",
  model: "openai/gpt-5.4",
  instructions: "Be brief.",
  tools: [toolOf("look"), toolOf("write", "write"), toolOf("outside")],
  untrusted: ["outside"],
  limits: { maxTurns: 4 },
});
const call = (id: string, n: unknown = 1, tool = "look") => ({ id, tool, input: { n } });
const reply = (...calls: ReturnType<typeof call>[]): ReadReply => ({
  text: calls.length > 0 ? "" : "Done.",
  calls,
  usage: { inputTokens: 10, outputTokens: 2 },
});
const answered = ({ parameter }: Issued) => ({ output: parameter, startedAt: null, durationMs: 5 });

/** A run whose model gives these replies, one after another. */
function start(
  loop: (run: SdkLoop, next: () => Promise<ReadReply>) => Promise<string>,
  replies: ReadReply[],
  answer: (call: Issued) => unknown = answered,
) {
  const context = fakeContext(answer);
  const work: Work = (ctx, from, told) =>
    new SdkLoop(ctx, agent, brief(agent), from, told).run((run) =>
      loop(run, () => run.ask({ send: async () => replies.shift() ?? reply(), read: (one) => one })),
    );
  const output = handlersOf(agent, agent.model, work).run(context.ctx, { message: "Look." });
  return { ...context, output };
}

/** An SDK's own scheduling, which the run has to bear. */
// biome-ignore lint/plugin: that is what is tested.
const together = <T>(promises: Promise<T>[]) => Promise.allSettled(promises);

test("F12: calls are issued in the order of the reply, in whichever order and however often they are executed", async () => {
  const { output, issued } = start(
    async (run, next) => {
      await next();
      const results = await together(["c", "a", "b", "a"].map((id) => run.result(id)));
      const values = [3, 1, 2, 1].map((n) => ({
        status: "fulfilled",
        value: { type: "json", value: { n } },
      }));
      expect(results).toEqual(values);
      return (await next()).text;
    },
    [reply(call("a", 1), call("b", 2), call("c", 3))],
  );
  expect(await output).toMatchObject({
    answer: "Done.",
    finishReason: "stop",
    turns: 2,
    toolCalls: [{ id: "a" }, { id: "b" }, { id: "c" }],
    usage: { inputTokens: 20, outputTokens: 4 },
  });
  expect(issued.map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

test("a loop that executes them one after another gets the same calls", async () => {
  const { output, issued } = start(
    async (run, next) => {
      for (const { id } of (await next()).calls) await run.result(id);
      return (await next()).text;
    },
    [reply(call("a", 1), call("b", 2))],
  );
  await output;
  expect(issued.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("a call that the loop does not execute is made all the same, and none if it executes none", async () => {
  const { output, issued } = start(
    async (run, next) => {
      await next();
      await run.result("b");
      await next();
      return (await next()).text;
    },
    [reply(call("a", 1), call("b", 2)), reply(call("c"))],
  );
  expect(await output).toMatchObject({ toolCalls: [{ id: "a" }, { id: "b" }] });
  expect(issued).toHaveLength(2);
});

test("F2, F8: failures and invalid inputs are results", async () => {
  const { output } = start(
    async (run, next) => {
      await next();
      const told = [await run.result("a"), await run.result("b")];
      expect(told).toEqual([
        { type: "error", message: "it broke" },
        { type: "error", message: expect.stringContaining("n: expected number") },
      ]);
      return "Sorry.";
    },
    [reply(call("a"), call("b", "one"))],
    () => {
      throw new TerminalError("it broke");
    },
  );
  expect(await output).toMatchObject({ toolCalls: [{ status: "error" }, { status: "invalid-input" }] });
});

test("F11: at a limit the model gets one last turn without tools, and no other", async () => {
  const offers: boolean[] = [];
  const ask = (run: SdkLoop) =>
    run.ask({
      send: async ({ offersTools }) => {
        offers.push(offersTools);
        return reply(call(`c${offers.length}`));
      },
      read: (one) => one,
    });
  const { output, issued } = start(async (run) => {
    for (;;) for (const { id } of (await ask(run)).calls) await run.result(id);
  }, []);
  await expect(output).rejects.toThrow("The loop asks its model again after the last turn (max-turns).");
  expect(offers).toEqual([true, true, true, false]);
  expect(issued).toHaveLength(3);
});

test("two requests of a model at a time are refused, whatever the loop makes of it", async () => {
  const { output } = start(
    async (_run, next) => {
      await together([next(), next()]);
      return "Done.";
    },
    [reply()],
  );
  await expect(output).rejects.toThrow("A run asks its model one request at a time");
});

test("tools that are not the agent's are the loop's own; a call that nobody asked for ends the run", async () => {
  const handoff = call("h", 1, "transfer_to_other");
  const { output, issued } = start(
    async (run, next) => {
      await next();
      await run.result("x").catch(() => "never mind");
      return "Done.";
    },
    [reply(handoff, call("a"))],
  );
  await expect(output).rejects.toThrow('The model\'s last reply has no call "x". Its calls: a');
  expect(issued.map(({ id }) => id)).toEqual(["a"]);
});

test("after a result from outside a write waits for an approval, and the result is marked", async () => {
  const { output, issued } = start(
    async (run, next) => {
      await next();
      expect(await run.result("a")).toEqual({ type: "json", value: { untrusted: { n: 1 } } });
      await next();
      await run.result("b");
      return "Done.";
    },
    [reply(call("a", 1, "outside")), reply(call("b", 2, "write"))],
  );
  await output;
  expect(issued.map(({ service, method }) => `${service}/${method}`)).toEqual([
    "outside/run",
    "RunEvents/callApproved",
  ]);
});

test("F11: a count of tokens that a provider leaves out is estimated", async () => {
  const uncounted = { ...reply(), usage: { inputTokens: 0, outputTokens: 0 } };
  const { output } = start(async (_run, next) => (await next()).text, [uncounted]);
  const { usage } = await output;
  expect(usage.outputTokens).toBe(Math.ceil(JSON.stringify(uncounted).length / 4));
});

test("what an SDK throws ends the run as terminal, in clean words", async () => {
  const { output } = start(async () => {
    throw new RangeError("max turns\n    at secret (/var/task/index.mjs:1:1)");
  }, []);
  const error = await output.catch((one) => one);
  expect(error).toBeInstanceOf(TerminalError);
  expect(error.message).toBe("max turns");
});
