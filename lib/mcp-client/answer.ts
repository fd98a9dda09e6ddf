import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client";
import { ToolError } from "../tool/index.ts";
import { oneLine } from "./failure.ts";

/**
 * A tool's answer as an output: what is structured, else the texts. What is neither is named in words.
 * @throws ToolError with the texts, for an answer that tells of a failure.
 */
export function readAnswer(server: string, { structuredContent, content, isError }: CallToolResult): unknown {
  const text = content.map(inWords).join("\n");
  if (isError) throw new ToolError(oneLine(text) || `${server} failed without a message`);
  return structuredContent ?? text;
}

function inWords(part: ContentBlock): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "image":
    case "audio":
      return `[${part.type}: ${part.mimeType}, ${bytesOf(part.data)} bytes]`;
    case "resource_link":
      return `[resource: ${[part.name, part.uri, part.description].filter(Boolean).join(", ")}]`;
    case "resource":
      return "text" in part.resource
        ? part.resource.text
        : `[resource: ${part.resource.uri}, ${part.resource.mimeType ?? "bytes"}, ${bytesOf(part.resource.blob)} bytes]`;
  }
}

/** How many bytes a text in base64 stands for. */
const bytesOf = (base64: string): number => Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
