import { type ObjectContext, type ObjectSharedContext, serde } from "@restatedev/restate-sdk/lambda";
import { attachmentInWords } from "../attachments.ts";
import { compactJson } from "../compact-json.ts";
import type { Message, UserMessage } from "../models/seam.ts";

/** Older messages, in an object of their own. */
export interface Archive {
  key: string;
}

/** What a conversation holds. */
export interface Kept {
  messages: Message[];
  /** How many of the messages, from the first, stand for what is archived. */
  hidden: number;
  /** Oldest first. */
  archives: readonly Archive[];
  /** What the messages take in the state, in bytes. */
  bytes: number;
}

/** The run in progress, and its message. */
export interface Now {
  run: string;
  message: UserMessage;
}

type Reader = Pick<ObjectSharedContext, "get">;
type Book = Pick<Kept, "hidden" | "archives">;

/** Messages as the state and calls hold them. */
export const messagesSerde = compactJson<Message[]>();

/** The run in progress; one that was killed is there until the next message comes. */
export const nowOf = (ctx: Reader): Promise<Now | null> => ctx.get<Now>("now");

/** Reads a conversation. The state travels to the function with each invocation, compressed. */
export async function load(ctx: Reader): Promise<Kept> {
  const bytes = await ctx.get<Uint8Array>("messages", serde.binary);
  const { hidden = 0, archives = [] } = (await ctx.get<Book>("book")) ?? {};
  const messages = bytes ? messagesSerde.deserialize(bytes) : [];
  return { messages, hidden, archives, bytes: bytes?.length ?? 0 };
}

/** Keeps a conversation, with which no run is in progress any more. */
export function save(ctx: ObjectContext, { messages, hidden, archives }: Omit<Kept, "bytes">): void {
  ctx.set("messages", messagesSerde.serialize(messages), serde.binary);
  ctx.set("book", { hidden, archives } satisfies Book);
  ctx.clear("now");
}

/** Notes the run in progress, for those who would interrupt it. The message is kept even if the run is killed. */
export function begin(ctx: ObjectContext, message: UserMessage): void {
  ctx.set("now", { run: ctx.request().id, message: withoutFiles(message) } satisfies Now);
}

/** The same message with its attachments in words. */
export function withoutFiles({ attachments = [], ...message }: UserMessage): UserMessage {
  return { ...message, text: [message.text, ...attachments.map(attachmentInWords)].join("\n") };
}
