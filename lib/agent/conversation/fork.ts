import { type ObjectContext, type ObjectSharedContext, TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { compactJson } from "../compact-json.ts";
import { copiesFor, copyArchives } from "./archive.ts";
import { refuseBadId } from "./id.ts";
import { type Kept, load, save } from "./state.ts";

/** HTTP status of a fork into a conversation that is not empty. */
const CONFLICT = 409;

export const forkRequest = z.strictObject({ to: z.string().describe("The id of the new conversation.") });

/** What a fork hands over. */
type Copy = Omit<Kept, "bytes">;
export const copySerde = compactJson<Copy>();

/**
 * Copies the conversation, without a run in progress, into another one. It waits for the other one and for nothing of this one, so
 * that two that fork into each other do not wait for ever.
 * @throws TerminalError 400, or 409 where the other one is not empty.
 */
export async function fork(
  ctx: ObjectSharedContext,
  { to }: z.output<typeof forkRequest>,
): Promise<{ id: string }> {
  refuseBadId(ctx.key);
  refuseBadId(to, "to");
  const { messages, hidden, archives } = await load(ctx);
  const copies = copiesFor(ctx, archives, to);
  await ctx.genericCall<Copy, void>({
    service: ctx.request().target.service,
    method: "adopt",
    key: to,
    parameter: { messages, hidden, archives: copies },
    inputSerde: copySerde,
  });
  await copyArchives(ctx, archives, copies);
  return { id: to };
}

/** Begins a conversation with a copy of another one. */
export async function adopt(ctx: ObjectContext, copy: Copy): Promise<void> {
  const { messages } = await load(ctx);
  if (messages.length > 0)
    throw new TerminalError(`to: expected a new conversation, "${ctx.key}" is not empty`, {
      errorCode: CONFLICT,
    });
  save(ctx, copy);
}
