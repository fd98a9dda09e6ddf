import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RunProgress } from "../run/progress.ts";
import { lines, liveView } from "./live.ts";
import { screenOf } from "./screen.ts";

// Whoever runs the tests may have another one.
beforeAll(() => void vi.stubEnv("TERM", "xterm"));
afterAll(() => void vi.unstubAllEnvs());

const call = { id: "a", tool: "get_weather", input: { city: "Oslo" }, issuedAt: 300 } as const;
const asking: RunProgress = { startedAt: 0, turns: [{ startedAt: 0, asked: 0, calls: [] }] };
const replied = { startedAt: 0, repliedAt: 300, asked: 2 };
const slow = { ...call, id: "b", input: { city: "Rome" } };

describe("plain lines", () => {
  const watch = (...runs: RunProgress[]) => {
    const printed: string[] = [];
    const live = lines((line) => printed.push(line));
    for (const run of runs) live.show(run);
    live.end();
    return printed;
  };

  test("say each event once, in chronological order, however often the run is shown", () => {
    const both: RunProgress = {
      startedAt: 0,
      turns: [
        {
          ...replied,
          calls: [
            { ...call, state: "ok", startedAt: 310, endedAt: 900 },
            { ...slow, state: "running", startedAt: 320 },
          ],
        },
      ],
    };
    const done: RunProgress = {
      startedAt: 0,
      endedAt: 2000,
      turns: [
        {
          ...replied,
          calls: [
            { ...call, state: "ok", startedAt: 310, endedAt: 900 },
            { ...slow, state: "failed", failure: "No such city.", startedAt: 320, endedAt: 1320 },
          ],
        },
        { startedAt: 1320, repliedAt: 1900, asked: 0, calls: [] },
      ],
    };
    expect(watch(asking, asking, both, both, done, done)).toEqual([
      "+0.00 s  turn 1: asking the model",
      "+0.30 s  turn 1: the model asked for 2 calls at once",
      '+0.30 s  get_weather city="Oslo": called',
      '+0.30 s  get_weather city="Rome": called',
      '+0.90 s  get_weather city="Oslo": ok after 0.59 s',
      '+1.32 s  get_weather city="Rome": failed after 1.00 s: No such city.',
      "+1.32 s  turn 2: asking the model",
      "+1.90 s  turn 2: the model answered",
    ]);
  });

  test("say why the model or a call is tried again, and that the model failed", () => {
    const now = Date.now();
    const printed = watch(
      { startedAt: now, turns: [{ startedAt: now, asked: 0, failure: "Busy.", calls: [] }] },
      { startedAt: now, turns: [{ startedAt: now, repliedAt: now, asked: 0, failure: "Gone.", calls: [] }] },
      {
        startedAt: now,
        turns: [{ ...replied, calls: [{ ...call, state: "retrying", failure: "Lambda is throttled." }] }],
      },
    );
    expect(printed.map((line) => line.replace(/^\+\S+ s {2}/, ""))).toEqual(
      expect.arrayContaining([
        "turn 1: trying again: Busy.",
        "turn 1: failed: Gone.",
        'get_weather city="Oslo": retrying: Lambda is throttled.',
      ]),
    );
  });
});

/** Records what is written to it. */
class Fake extends Writable {
  text = "";
  isTTY: boolean;
  columns = 80;
  rows = 24;
  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  override _write(chunk: Buffer, _: unknown, done: () => void) {
    this.text += chunk;
    done();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character.
const ESCAPES = /\u001b\[[\d?;]*[a-zA-Z]/g;

/** A run whose call waits, and how that was answered. */
const waitingRun = (decided: object = {}): RunProgress => ({
  startedAt: 0,
  turns: [
    {
      startedAt: 0,
      repliedAt: 300,
      asked: 1,
      calls: [
        {
          ...call,
          state: "waiting",
          asks: [
            { approval: "ap_1", tool: "pay", input: { amount: 5 }, at: 400, expiresAt: 60_000, ...decided },
          ],
        },
      ],
    },
  ],
});
const ASKED =
  "+0.40 s  pay amount=5: waits for an approval until 1970-01-01 00:01 UTC, answer with: npx fanout approvals approve ap_1";

describe("a call that waits for an approval", () => {
  const denied = waitingRun({ answer: { at: 900, decision: "denied", by: "ann", reason: "No." } });

  test("is a line that says how to answer, and one that says who has", () => {
    const printed: string[] = [];
    const live = lines((line) => printed.push(line));
    live.show(waitingRun());
    live.show(denied);
    expect(printed.slice(-2)).toEqual([ASKED, "+0.90 s  pay amount=5: denied by ann: No."]);
  });

  test("is drawn as what waits, and on a terminal the line stays above the drawing, once", () => {
    const terminal = new Fake(true);
    const live = liveView(terminal as never);
    for (const run of [waitingRun(), waitingRun(), denied]) live.show(run);
    const text = terminal.text.replace(ESCAPES, "");
    expect(text.split(ASKED)).toHaveLength(2);
    expect(text).toContain("denied by ann: No.");
    expect(text).toMatch(/get_weather +·*░+·* .*waiting {2}for an appro/);
    expect(text).not.toContain("called");
    live.end();
  });
});

describe("the live view", () => {
  test("draws over itself on a terminal, and clears the drawing at the end", () => {
    const terminal = new Fake(true);
    const live = liveView(terminal as never);
    live.show(asking);
    expect(terminal.text.replace(ESCAPES, "")).toMatch(/^turn 1: model +█+ .*thinking/);
    live.show(asking);
    terminal.text = "";
    live.end();
    expect(terminal.text).toContain("\u001b[2K");
    expect(terminal.text.replace(ESCAPES, "").trim()).toBe("");
  });

  test("shows the end of what the model writes, as much as fits, with nothing that a terminal obeys", () => {
    const terminal = new Fake(true);
    const live = liveView(terminal as never);
    const text = Array.from({ length: 40 }, (_, line) => `line ${line + 1}`).join("\n");
    live.show({ startedAt: 0, turns: [{ startedAt: 0, asked: 0, calls: [], text: `${text}\u001b[2J` }] });
    const shown = terminal.text.replace(ESCAPES, "");
    expect(shown).toMatch(/^turn 1: model .*thinking.*\n\nline 20\nline 21\n/);
    expect(shown.trimEnd().split("\n").at(-1)).toBe("line 40\\u001b[2J");
    live.end();
    expect(terminal.text.replace(ESCAPES, "")).toBe(shown);
  });

  test("writes lines without escape sequences anywhere else", () => {
    const file = new Fake(false);
    const live = liveView(file as never);
    live.show(asking);
    live.end();
    expect(file.text).toBe("+0.00 s  turn 1: asking the model\n");
  });
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{ isTTY: true }, { TERM: "dumb" }, false],
  [{ isTTY: false }, { CI: "true", FORCE_COLOR: "1" }, false],
])("colours on %o with %o: %s", (output, variables, colored) => {
  expect(screenOf(output as never, variables).paint("red", "x") !== "x").toBe(colored);
});
