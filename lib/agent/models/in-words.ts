import type { Message } from "./seam.ts";

/** The same message without calls and results in it: they are told in words, each under its id. */
export function inWords(message: Message): Message {
  switch (message.role) {
    case "user":
      return message;
    case "assistant": {
      const { text, calls } = message.reply;
      const called = calls.map(({ id, tool, input }) => `Call ${id}: ${tool} ${JSON.stringify(input)}`);
      const told = [text, ...called].filter((line) => line !== "").join("\n");
      const content = [{ type: "text", text: told }];
      return { role: "assistant", reply: { ...message.reply, message: { role: "assistant", content } } };
    }
    case "tool": {
      const told = message.results.map(({ id, tool, output }) =>
        output.type === "json"
          ? `Result of call ${id}, ${tool}: ${JSON.stringify(output.value)}`
          : `Call ${id}, ${tool}, failed: ${output.message}`,
      );
      return { role: "user", text: told.join("\n") };
    }
  }
}
