import { type ObjectSharedContext, TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { readArchive } from "./archive.ts";
import { refuseBadId } from "./id.ts";
import { type PlainMessage, toPlain } from "./plain.ts";
import { load, nowOf } from "./state.ts";

/** Which part of a history. Default: the newest. */
export const historyRequest = z
  .strictObject({ page: z.int().min(0).optional().describe("What the page after it gave as `older`.") })
  .prefault({});

/** A part of a conversation, oldest first. */
export interface History {
  messages: PlainMessage[];
  /** The page before this one; undefined: there is none. */
  older?: number;
  /** The run in progress, whose message is the last one. */
  running?: string;
}

/** @throws TerminalError 404 for a page that there is none of. */
export async function historyOf(
  ctx: ObjectSharedContext,
  { page }: z.output<typeof historyRequest>,
): Promise<History> {
  refuseBadId(ctx.key);
  const { messages, hidden, archives } = await load(ctx);
  const older = (page ?? archives.length) - 1;
  const rest = older >= 0 ? { older } : {};
  if (page === undefined) {
    const now = await nowOf(ctx);
    const shown = [...messages.slice(hidden), ...(now ? [now.message] : [])];
    return { messages: toPlain(shown), ...rest, ...(now && { running: now.run }) };
  }
  const archive = archives[page];
  if (!archive)
    throw new TerminalError(`page: expected less than ${archives.length}, got ${page}`, { errorCode: 404 });
  return { messages: toPlain(await readArchive(ctx, archive)), ...rest };
}
