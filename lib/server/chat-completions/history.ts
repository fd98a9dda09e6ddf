import type { PlainMessage } from "../../client/index.ts";
import type { ChatMessage, Content, FilePart, ImagePart, ToolCall } from "./chat-message.ts";
import type { Problem } from "./errors.ts";

type UserMessage = Extract<PlainMessage, { role: "user" }>;
type ToolMessage = Extract<PlainMessage, { role: "tool" }>;
type Attachment = NonNullable<UserMessage["attachments"]>[number];

/** A run's message, with what goes along, and what was said before. */
export interface Said {
  message: string;
  attachments?: Attachment[];
  messages?: PlainMessage[];
}

/** Something that cannot be told to an agent. */
class Misfit extends Error {}

/**
 * Reads a history whose last message is the user's. What the application says as `system` or `developer` is told with the next words
 * of the user, because an agent's instructions are its own.
 */
export function toSaid(messages: readonly ChatMessage[]): Said | Problem {
  const last = messages.length - 1;
  if (messages[last]?.role !== "user")
    return misfit(
      `messages.${last}: expected the last message to be the user's, got ${messages[last]?.role}`,
    );
  try {
    const said = new History().read(messages);
    const { text, attachments } = said.pop() as UserMessage;
    return {
      message: text,
      ...(attachments && { attachments }),
      ...(said.length > 0 && { messages: said }),
    };
  } catch (error) {
    if (error instanceof Misfit) return misfit(error.message);
    throw error;
  }
}

const misfit = (problem: string): Problem => ({ problem, param: "messages" });

class History {
  readonly #said: PlainMessage[] = [];
  /** What the application has said since the user's last words. */
  #context: string[] = [];
  /** The tools of the calls so far, by the calls' ids. */
  readonly #tools = new Map<string, string>();

  read(messages: readonly ChatMessage[]): PlainMessage[] {
    for (const [index, message] of messages.entries()) this.#add(message, `messages.${index}`);
    return this.#said;
  }

  #add(message: ChatMessage, at: string): void {
    switch (message.role) {
      case "user":
        this.#said.push(this.#userMessage(message.content, at));
        break;
      case "assistant": {
        const calls = (message.tool_calls ?? []).map((call, index) =>
          this.#call(call, `${at}.tool_calls.${index}`),
        );
        const text = textOf(message.content ?? "");
        if (text === "" && calls.length === 0) throw new Misfit(`${at}: expected a content or tool_calls`);
        this.#said.push({ role: "assistant", text, ...(calls.length > 0 && { calls }) });
        break;
      }
      case "tool":
        this.#addResult(message, at);
        break;
      default:
        this.#context.push(textOf(message.content));
    }
  }

  #userMessage(content: Content, at: string): UserMessage {
    const words = textOf(content);
    const attachments = attachmentsOf(content, at);
    if (words === "") throw new Misfit(`${at}.content: expected a text, with files beside it or without`);
    const text = [...this.#context, words].join("\n\n");
    this.#context = [];
    return { role: "user", text, ...(attachments.length > 0 && { attachments }) };
  }

  #call({ id, function: { name, arguments: json } }: ToolCall, at: string) {
    const input = parse(json === "" ? "{}" : json);
    if (input === undefined) throw new Misfit(`${at}.function.arguments: expected JSON`);
    this.#tools.set(id, name);
    return { id, tool: name, input };
  }

  /** Results of the same reply are one message. */
  #addResult({ tool_call_id: id, content }: Extract<ChatMessage, { role: "tool" }>, at: string): void {
    const tool = this.#tools.get(id);
    if (tool === undefined)
      throw new Misfit(`${at}.tool_call_id: expected the id of a call before it, got ${JSON.stringify(id)}`);
    const text = textOf(content);
    const result: ToolMessage["results"][number] = { id, tool, output: parse(text) ?? text };
    const before = this.#said.at(-1);
    if (before?.role === "tool") before.results.push(result);
    else this.#said.push({ role: "tool", results: [result] });
  }
}

const textOf = (content: Content): string =>
  typeof content === "string" ? content : content.flatMap(wordsOf).join("\n");

function wordsOf(part: { type: string }): string[] {
  if ("text" in part) return [part.text as string];
  return "refusal" in part ? [part.refusal as string] : [];
}

function attachmentsOf(content: Content, at: string): Attachment[] {
  if (typeof content === "string") return [];
  return content.flatMap((part, index) => {
    const where = `${at}.content.${index}`;
    if (part.type === "image_url") return [toImage((part as ImagePart).image_url.url, where)];
    if (part.type !== "file") return [];
    const { file_data, filename } = (part as FilePart).file;
    return [{ ...toInline(file_data, `${where}.file.file_data`), ...(filename && { name: filename }) }];
  });
}

/** Whoever fetches an image sees which kind it is; that it is one has to be said where the URL does not. */
function toImage(url: string, at: string): Attachment {
  if (url.startsWith("data:")) return toInline(url, `${at}.image_url.url`);
  if (!url.startsWith("https:"))
    throw new Misfit(`${at}.image_url.url: expected an https URL or a data URL in base64`);
  const [, extension = "jpeg"] = /\.(gif|png|webp)(?:[?#]|$)/i.exec(url) ?? [];
  return { url, mediaType: `image/${extension.toLowerCase()}` };
}

function toInline(url: string, at: string): { data: string; mediaType: string } {
  const comma = url.indexOf(",");
  const [, mediaType] = /^data:([^;,]+)(?:;[^;,]+)*;base64$/i.exec(url.slice(0, Math.max(0, comma))) ?? [];
  if (mediaType === undefined) throw new Misfit(`${at}: expected a data URL in base64`);
  return { data: url.slice(comma + 1), mediaType: mediaType.toLowerCase() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
