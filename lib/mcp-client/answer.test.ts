import type { CallToolResult } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { readAnswer } from "./answer.ts";

const text = (words: string) => ({ type: "text", text: words }) as const;
const read = (result: Partial<CallToolResult>) => readAnswer("every", { content: [], ...result });

test("what is structured counts, else the texts, which stay as they are", () => {
  expect(read({ content: [text("{}")], structuredContent: { a: 1 } })).toEqual({ a: 1 });
  expect(read({ content: [text('{"a": 1}'), text("two")] })).toBe('{"a": 1}\ntwo');
  expect(read({})).toBe("");
});

test("what is no text is named, with its size", () => {
  const blob = Buffer.alloc(1000).toString("base64");
  expect(
    read({
      content: [
        { type: "image", mimeType: "image/png", data: blob },
        { type: "audio", mimeType: "audio/wav", data: blob },
        { type: "resource_link", name: "readme", uri: "file:///README.md" },
        { type: "resource", resource: { uri: "demo://1", text: "its text" } },
        { type: "resource", resource: { uri: "demo://2", blob } },
      ],
    }),
  ).toBe(
    [
      "[image: image/png, 1000 bytes]",
      "[audio: audio/wav, 1000 bytes]",
      "[resource: readme, file:///README.md]",
      "its text",
      "[resource: demo://2, bytes, 1000 bytes]",
    ].join("\n"),
  );
});

test("a failure is the server's words in one line, and no other try would help", () => {
  const failure = { isError: true, content: [text("No such\n  issue."), text("Issues: 1, 2.")] };
  expect(() => read(failure)).toThrow(
    expect.objectContaining({ name: "ToolError", message: "No such issue. Issues: 1, 2.", retryable: false }),
  );
  expect(() => read({ isError: true })).toThrow("every failed without a message");
});
