import {
  type Context,
  type ObjectContext,
  type ObjectSharedContext,
  serde,
} from "@restatedev/restate-sdk/lambda";
import type { Message } from "../models/seam.ts";
import { archiveKey } from "./id.ts";
import { type Archive, messagesSerde } from "./state.ts";

// Older messages: they are in objects of their own, each written once, so that they travel to the function only when somebody asks.

/** Moves messages into an object of their own. @returns the archives that there are now. */
export function archive(
  ctx: ObjectContext,
  archives: readonly Archive[],
  messages: readonly Message[],
): readonly Archive[] {
  if (messages.length === 0) return archives;
  const key = archiveKey(ctx.key, `${ctx.request().id} ${archives.length}`);
  send(ctx, key, "keepArchive", messagesSerde.serialize([...messages]));
  return [...archives, { key }];
}

/** Has archives copied for another conversation. @returns the copies. */
export function copyArchives(ctx: ObjectSharedContext, archives: readonly Archive[], to: string): Archive[] {
  return archives.map(({ key }, index) => {
    const copy = archiveKey(to, `${ctx.request().id} ${index}`);
    send(ctx, key, "copyArchive", new TextEncoder().encode(copy));
    return { key: copy };
  });
}

export function forgetArchives(ctx: ObjectContext, archives: readonly Archive[]): void {
  for (const { key } of archives) send(ctx, key, "forgetArchive", new Uint8Array());
}

/** Reads an archive. One that is still on its way there is waited for, in its object's queue. */
export const readArchive = (ctx: ObjectSharedContext, { key }: Archive) =>
  ctx.genericCall<Uint8Array, Message[]>({
    service: ctx.request().target.service,
    method: "readArchive",
    key,
    parameter: new Uint8Array(),
    inputSerde: serde.binary,
    outputSerde: messagesSerde,
  });

function send(ctx: Context, key: string, method: string, parameter: Uint8Array): void {
  const { service } = ctx.request().target;
  ctx.genericSend({ service, method, key, parameter, inputSerde: serde.binary });
}

/** What an archive's object does, for other objects of the same service only. */
export const archiving = {
  keepArchive: async (ctx: ObjectContext, bytes: Uint8Array) => ctx.set("archive", bytes, serde.binary),
  copyArchive: async (ctx: ObjectContext, key: Uint8Array) => {
    const bytes = await ctx.get<Uint8Array>("archive", serde.binary);
    if (bytes) send(ctx, new TextDecoder().decode(key), "keepArchive", bytes);
  },
  readArchive: async (ctx: ObjectContext) =>
    (await ctx.get<Uint8Array>("archive", serde.binary)) ?? messagesSerde.serialize([]),
  forgetArchive: async (ctx: ObjectContext) => ctx.clearAll(),
};
