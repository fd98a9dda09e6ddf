import { expect, test } from "vitest";
import type { PlainMessage } from "../../agent/index.ts";
import { drawMessages, lastSaid } from "./messages.ts";
import { screenOf } from "./screen.ts";

const SAID: PlainMessage[] = [
  { role: "user", text: "Oslo?\nAnd Rome?" },
  {
    role: "assistant",
    text: "Let me look.",
    calls: ["a", "b"].map((id) => ({ id, tool: "get_weather", input: { city: id } })),
  },
  {
    role: "tool",
    results: [
      { id: "b", tool: "get_weather", output: undefined, error: "No such\u001b[2J city." },
      { id: "a", tool: "get_weather", output: { celsius: 3 } },
    ],
  },
  { role: "assistant", text: "3 °C in a." },
  { role: "user", text: "And this?", attachments: [{ url: "https://example.com/a.png" }] },
  { role: "assistant", text: "A dog." },
];

test("what was said is drawn with the calls and how they ended", () => {
  expect(drawMessages(SAID, screenOf({ columns: 80 }))).toEqual([
    "",
    "> Oslo?",
    "> And Rome?",
    "Let me look.",
    '  get_weather city="a": ok',
    '  get_weather city="b": failed: No such\\u001b[2J city.',
    "3 °C in a.",
    "",
    "> And this?",
    "> [1 attached]",
    "A dog.",
  ]);
});

test("the last messages begin with a question; all are fewer than that many", () => {
  expect(lastSaid(SAID, 1)).toEqual(SAID.slice(4));
  expect(lastSaid(SAID, 2)).toEqual(SAID);
  expect(lastSaid(SAID, 3)).toEqual(SAID);
  expect(lastSaid([], 3)).toEqual([]);
});
