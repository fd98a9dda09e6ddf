import type { Attachment, PlainMessage as OfTheKit } from "../../lib/agent/index.ts";

// What the documentation says of it.
type PlainMessage =
  | { role: "user"; text: string; attachments?: Attachment[]; run?: string; at?: string }
  | { role: "assistant"; text: string; calls?: { id: string; tool: string; input: unknown }[]; at?: string }
  | { role: "tool"; results: { id: string; tool: string; output?: unknown; error?: string }[] };

/** Compiles only while both are the same. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;
export const same: Same<PlainMessage, OfTheKit> = true;
