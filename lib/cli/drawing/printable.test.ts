import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AgentOutput } from "../../agent/index.ts";
import type { ServiceStatus } from "../../operate/index.ts";
import { drawCandidates } from "../commands/prune.ts";
import { helpOutput, print, printJson, say, sayUnbroken } from "../output.ts";
import type { RunProgress } from "../run/progress.ts";
import { drawFindings } from "./findings.ts";
import { lines } from "./live.ts";
import { printable, printableLine } from "./printable.ts";
import { screenOf } from "./screen.ts";
import { drawChange, drawStatus } from "./service-status.ts";
import { drawStuckRuns } from "./stuck-runs.ts";
import { summarise } from "./summary.ts";
import { drawTimeline } from "./timeline.ts";

describe("a printable text", () => {
  test.each([
    ["an escape sequence", "\u001b[2J\u001b]0;title\u0007", "\\u001b[2J\\u001b]0;title\\u0007"],
    ["C1's one-character introducer", "\u009b31m\u009d", "\\u009b31m\\u009d"],
    ["characters that go back or delete", "a\b\u007f\rb", "a\\u0008\\u007f\\u000db"],
    ["marks that change the direction of text", "\u202e\u2066\u200f\u061c", "\\u202e\\u2066\\u200f\\u061c"],
    ["characters without width", "\u200b\u2060\ufeff\u00ad", "\\u200b\\u2060\\ufeff\\u00ad"],
    ["separators that are not line breaks", "\u2028\u2029", "\\u2028\\u2029"],
    ["tags, in two halves", "\u{e0041}", "\\udb40\\udc41"],
    ["half a pair", "\ud800", "\\ud800"],
  ])("shows %s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableLine(text)).toBe(shown);
  });

  test("keeps text, including line breaks and tabs; a Windows line break is a line break", () => {
    const text = "Grüße\t東京 👨‍👩‍👧 ❤️ می‌خواهم\nשלום → –";
    expect(printable(text)).toBe(text);
    expect(printable("a\r\nb")).toBe("a\nb");
    expect(printableLine("a\r\nb\tc")).toBe("a\\nb\\tc");
  });

  test("leaves JSON the same JSON", () => {
    const value = { "\u009b\u202e": '\u0000\u001b\u007f\u0085\u2028\u{e0041}\ud800 \\ " \r\n\t 👨‍👩‍👧' };
    for (const indent of [undefined, 2]) {
      const text = printable(JSON.stringify(value, null, indent));
      expect(text).not.toMatch(UNSHOWN);
      expect(JSON.parse(text)).toEqual(value);
    }
  });
});

/** Everything that may not reach a terminal. Our own colours are removed first. */
const UNSHOWN = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const EVIL = "evil\u001b]52;c;cm0=\u0007\u009b2J\r\b\u202e\u2028\nforged";
const SHOWN = "evil\\u001b]52;c;cm0=\\u0007\\u009b2J\\u000d\\u0008\\u202e\\u2028";

const terminal = { ...screenOf({ isTTY: true, columns: 200 }, {}), columns: 400, textWidth: 400 };
const run: RunProgress = {
  startedAt: 0,
  endedAt: 9,
  turns: [
    {
      startedAt: 0,
      repliedAt: 1,
      asked: 1,
      calls: [
        {
          id: "a",
          tool: EVIL,
          input: { [EVIL]: EVIL },
          state: "failed",
          failure: EVIL,
          issuedAt: 1,
          endedAt: 2,
        },
      ],
    },
    { startedAt: 2, repliedAt: 3, asked: 0, failure: EVIL, calls: [] },
  ],
};
const output = {
  answer: EVIL,
  finishReason: EVIL,
  turns: 1,
  toolCalls: [{ tool: EVIL, status: "error", error: EVIL, startedAt: null, durationMs: 1 }],
  usage: { inputTokens: 1, outputTokens: 1, perTurn: [] },
} as unknown as AgentOutput;
const service: ServiceStatus = {
  name: EVIL,
  kind: "tool",
  functionName: EVIL,
  liveVersion: EVIL,
  otherVersions: [{ version: EVIL, runs: 1 }],
  declared: { maxConcurrency: undefined, provisioned: 0, memoryMb: 512 },
  reserved: undefined,
  limit: undefined,
  slotsTaken: undefined,
  running: 0,
  waiting: 0,
  provisioned: undefined,
  memoryMb: 512,
  differences: [{ setting: "limit", text: EVIL }],
} as unknown as ServiceStatus;

function printedLines(progress: RunProgress): string[] {
  const printed: string[] = [];
  lines((line) => printed.push(line)).show(progress);
  return printed;
}

/** Removes the drawing's own colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with a control character.
const uncoloured = (text: string) => text.replace(/\u001b\[\d+m/g, "");

describe("no foreign text acts on a terminal", () => {
  const drawings: [string, () => readonly string[]][] = [
    ["the timeline of ask and start", () => drawTimeline(run, 0, terminal)],
    ["the lines of ask and start", () => printedLines(run)],
    [
      "the answer and the summary",
      () => [summarise(output, { wallMs: 1, invocations: { [EVIL]: 1 } }, terminal)],
    ],
    [
      "an answer of a given shape",
      () => [
        summarise(
          { ...output, answer: { [EVIL]: EVIL } as never },
          { wallMs: 1, invocations: undefined },
          terminal,
        ),
      ],
    ],
    [
      "status",
      () =>
        drawStatus(
          { server: { version: EVIL, protocolV7: true, scopes: true }, services: [service] } as never,
          { name: EVIL, adminUrl: EVIL },
          terminal,
        ),
    ],
    ["scale", () => drawChange(service, service)],
    ["doctor", () => drawFindings([{ check: EVIL, level: "problem", text: EVIL, advice: EVIL }], terminal)],
    [
      "doctor on a narrow terminal",
      () => drawFindings([{ check: EVIL, level: "ok", text: EVIL }], { ...terminal, columns: 50 }),
    ],
    [
      "redrive",
      () =>
        drawStuckRuns(
          [{ id: EVIL, service: EVIL, handler: EVIL, state: "paused", since: EVIL, tries: 1, reason: EVIL }],
          0,
          terminal,
        ),
    ],
    [
      "prune",
      () =>
        drawCandidates(
          [
            {
              functionName: EVIL,
              version: EVIL,
              exists: true,
              deploymentId: EVIL,
              provisioned: 0,
              verdict: "remove",
              reason: EVIL,
            },
          ],
          terminal,
        ),
    ],
  ];
  test.each(drawings)("in %s", (_, draw) => {
    const text = uncoloured(draw().join("\n"));
    expect(text).toContain("evil");
    expect(text).not.toMatch(UNSHOWN);
  });

  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  });
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ["what is said", say],
    ["commands to copy", sayUnbroken],
    ["what is printed", print],
    ["help", helpOutput.writeOut],
    ["wrong usage", helpOutput.writeErr],
  ])("in %s", (_, write) => {
    write(EVIL);
    expect(written.join("").trimEnd()).toBe(`${SHOWN}\nforged`);
  });

  test("in JSON", () => {
    printJson({ [EVIL]: EVIL });
    expect(written.join("")).not.toMatch(UNSHOWN);
    expect(JSON.parse(written.join(""))).toEqual({ [EVIL]: EVIL });
  });
});
