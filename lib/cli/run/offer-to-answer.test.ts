import { expect, test } from "vitest";
import type { ApprovalAnswer } from "../../client/index.ts";
import type { AskedCall } from "./call-progress.ts";
import { offerToAnswer } from "./offer-to-answer.ts";
import type { RunProgress } from "./progress.ts";

const ask = (approval: string): AskedCall => ({
  approval,
  tool: "pay",
  input: { to: approval },
  at: 1,
  expiresAt: 9,
});
const waitingFor = (...asks: AskedCall[]): RunProgress => ({
  startedAt: 0,
  turns: [
    {
      startedAt: 0,
      asked: 1,
      calls: [{ id: "a", tool: "pay", input: {}, state: "waiting", issuedAt: 0, asks }],
    },
  ],
});

/** A person at a terminal, who has said nothing yet. */
function terminal(fails?: Error) {
  const seen: string[] = [];
  const answers: [string, ApprovalAnswer][] = [];
  let say: (line: string | undefined) => void = () => {};
  const live = { show: () => void seen.push("drawn"), note: () => {}, end: () => void seen.push("cleared") };
  const view = offerToAnswer(live, {
    tell: (text) => void seen.push(text),
    askLine(question, signal) {
      seen.push(question);
      return new Promise((resolve) => {
        say = resolve;
        signal.addEventListener("abort", () => resolve(undefined));
      });
    },
    async answer(approval, answer) {
      answers.push([approval, answer]);
      if (fails) throw fails;
    },
  });
  const reply = async (line: string | undefined) => {
    say(line);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { seen, answers, view, reply };
}

const APPROVE = "Approve it? [y/n, {…} with another input, Enter: later] ";

test("each call that waits is shown whole and asked about once, and nothing is drawn meanwhile", async () => {
  const { seen, answers, view, reply } = terminal();
  const run = waitingFor(ask("ap_1"), ask("ap_2"));
  view.show(run);
  view.show(run);
  expect(seen).toEqual(["drawn", "cleared", 'pay is to be given:\n{\n  "to": "ap_1"\n}', APPROVE]);
  await reply("y");
  view.show(run);
  await reply("No");
  await reply("Too much.");
  view.show(run);
  expect(seen.filter((text) => text === APPROVE)).toHaveLength(2);
  expect(seen.at(-1)).toBe("drawn");
  expect(answers).toEqual([
    ["ap_1", { approve: true }],
    ["ap_2", { approve: false, reason: "Too much." }],
  ]);
});

test("another input approves the call with that; what is none, or does not fit, is asked for again", async () => {
  const { answers, view, reply, seen } = terminal(new Error("input: to: expected string, got 5"));
  view.show(waitingFor(ask("ap_1")));
  await reply('{"to": ');
  await reply('{"to": 5}');
  expect(answers).toEqual([["ap_1", { approve: true, input: { to: 5 } }]]);
  expect(seen.filter((text) => text === APPROVE)).toHaveLength(3);
  expect(seen.at(-2)).toBe("input: to: expected string, got 5");
  await reply("");
  view.show(waitingFor(ask("ap_1")));
  expect(seen.at(-1)).toBe("drawn");
});

test.each(["", "yesterday", "later"])("%j leaves it waiting", async (line) => {
  const { answers, view, reply, seen } = terminal();
  view.show(waitingFor(ask("ap_1")));
  await reply(line);
  view.show(waitingFor(ask("ap_1")));
  expect(answers).toEqual([]);
  expect(seen.filter((text) => text === APPROVE)).toHaveLength(1);
});

test("what was answered elsewhere is not asked any more, nor anything when the view ends", async () => {
  const { answers, view, reply, seen } = terminal();
  const answered = { ...ask("ap_1"), answer: { at: 2, decision: "approved" as const } };
  view.show(waitingFor(ask("ap_1")));
  view.show(waitingFor(answered));
  await reply("n");
  view.show(waitingFor(answered, ask("ap_2")));
  view.end();
  await reply("y");
  expect(answers).toEqual([]);
  expect(seen.at(-1)).toBe("cleared");
});

test("an answer that came too late is said", async () => {
  const { view, reply, seen } = terminal(new Error("It was denied already."));
  view.show(waitingFor(ask("ap_1")));
  await reply("y");
  expect(seen.at(-1)).toBe("It was denied already.");
});

test("who has left is not asked about the next one", async () => {
  const { view, reply, seen } = terminal();
  const run = waitingFor(ask("ap_1"), ask("ap_2"));
  view.show(run);
  await reply(undefined);
  view.show(run);
  expect(seen.filter((text) => text === APPROVE)).toHaveLength(1);
});
