import type { PlainMessage } from "../../agent/index.ts";
import { cut, wrap } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { describeInput } from "./timeline.ts";

/** How wide a call is drawn at most, in columns. */
const MAX_CALL_WIDTH = 96;

type Assistant = Extract<PlainMessage, { role: "assistant" }>;

/** Draws what was said: the user's words behind `>`, the agent's, and its calls, one line each. */
export function drawMessages(messages: readonly PlainMessage[], screen: Screen): string[] {
  return messages.flatMap((message, index) => {
    if (message.role === "tool") return [];
    if (message.role === "user") {
      const files = message.attachments?.length ?? 0;
      const text = files === 0 ? message.text : `${message.text}\n[${files} attached]`;
      return ["", ...wrap(text, screen.textWidth - 2).map((line) => screen.paint("bold", `> ${line}`))];
    }
    const text = message.text === "" ? [] : wrap(message.text, screen.textWidth);
    return [...text, ...drawCalls(message, messages[index + 1], screen)];
  });
}

function drawCalls({ calls = [] }: Assistant, next: PlainMessage | undefined, screen: Screen): string[] {
  const results = next?.role === "tool" ? next.results : [];
  const width = Math.min(screen.columns, MAX_CALL_WIDTH);
  return calls.map(({ id, tool, input }) => {
    const { error } = results.find((result) => result.id === id) ?? {};
    const outcome = error === undefined ? "ok" : `failed: ${error}`;
    return screen.paint("dim", cut(`  ${tool} ${describeInput(input)}: ${outcome}`, width));
  });
}

/** The last messages: from that many of the user's on. */
export function lastSaid(messages: readonly PlainMessage[], questions: number): readonly PlainMessage[] {
  const asked = messages.flatMap(({ role }, index) => (role === "user" ? [index] : []));
  return messages.slice(asked.at(-questions) ?? 0);
}
