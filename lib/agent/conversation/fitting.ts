import type { ObjectContext } from "@restatedev/restate-sdk/lambda";
import type { Agent } from "../definition.ts";
import type { Message } from "../models/seam.ts";
import { archive } from "./archive.ts";
import { type Kept, messagesSerde, withoutFiles } from "./state.ts";
import { inShort, transcript } from "./transcript.ts";

/**
 * What a conversation's messages may take in its state, in bytes, compressed. They travel to the function twice with each of a run's
 * invocations, in the state and in the journal, and Lambda takes 6 MB.
 */
const MAX_KEPT_BYTES = 1_000_000;
/** What stands for a conversation whose words alone are too many, in characters. */
const MAX_TRANSCRIPT = 250_000;

/**
 * The same conversation if its state can travel. If not, the messages move into an archive, and the model reads them with what
 * was attached to older ones in words; where that is too much as well, as a text with the beginnings of what was said.
 */
export function fitting(ctx: ObjectContext, agent: Agent, kept: Omit<Kept, "bytes">): Omit<Kept, "bytes"> {
  const { messages, hidden, archives } = kept;
  if (fits(messages)) return kept;
  const lighter = withNewestFiles(messages);
  const text = `What was said before:\n${transcript(messages, MAX_TRANSCRIPT)}`;
  const left: Message[] = fits(lighter) ? lighter : [inShort(agent, text, messages)];
  return {
    messages: left,
    hidden: left.length,
    archives: archive(ctx, archives, messages.slice(hidden)),
  };
}

const fits = (messages: Message[]): boolean => messagesSerde.serialize(messages).length <= MAX_KEPT_BYTES;

function withNewestFiles(messages: readonly Message[]): Message[] {
  const newest = messages.findLastIndex((one) => one.role === "user" && one.attachments !== undefined);
  return messages.map((one, index) => (one.role === "user" && index !== newest ? withoutFiles(one) : one));
}
