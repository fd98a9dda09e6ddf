import {
  type Context,
  type ObjectContext,
  type ObjectSharedContext,
  RestatePromise,
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

/** Where the copies of archives are in another conversation. */
export const copiesFor = (
  ctx: ObjectSharedContext,
  archives: readonly Archive[],
  to: string,
): readonly Archive[] =>
  archives.map((_, index) => ({ key: archiveKey(to, `${ctx.request().id} ${index}`) }));

/** Has archives copied, and waits until they are there. */
export async function copyArchives(
  ctx: ObjectSharedContext,
  archives: readonly Archive[],
  copies: readonly Archive[],
): Promise<void> {
  const copied = archives.map(({ key }, index) =>
    call(ctx, key, "copyArchive", new TextEncoder().encode(copies[index]?.key)),
  );
  await RestatePromise.all(copied);
}

export function forgetArchives(ctx: ObjectContext, archives: readonly Archive[]): void {
  for (const { key } of archives) send(ctx, key, "forgetArchive", new Uint8Array());
}

/** Reads an archive. One that is still on its way there is waited for, in its object's queue. */
export const readArchive = async (ctx: ObjectSharedContext, { key }: Archive): Promise<Message[]> =>
  messagesSerde.deserialize(await call(ctx, key, "readArchive", new Uint8Array()));

function send(ctx: Context, key: string, method: string, parameter: Uint8Array): void {
  const { service } = ctx.request().target;
  ctx.genericSend({ service, method, key, parameter, inputSerde: serde.binary });
}

function call(ctx: Context, key: string, method: string, parameter: Uint8Array) {
  const { service } = ctx.request().target;
  return ctx.genericCall<Uint8Array, Uint8Array>({
    service,
    method,
    key,
    parameter,
    inputSerde: serde.binary,
    outputSerde: serde.binary,
  });
}

/** What an archive's object does, for other objects of the same service only. */
export const archiving = {
  keepArchive: async (ctx: ObjectContext, bytes: Uint8Array) => ctx.set("archive", bytes, serde.binary),
  copyArchive: async (ctx: ObjectContext, key: Uint8Array) => {
    const bytes = await ctx.get<Uint8Array>("archive", serde.binary);
    if (bytes) await call(ctx, new TextDecoder().decode(key), "keepArchive", bytes);
  },
  readArchive: async (ctx: ObjectContext) =>
    (await ctx.get<Uint8Array>("archive", serde.binary)) ?? messagesSerde.serialize([]),
  forgetArchive: async (ctx: ObjectContext) => ctx.clearAll(),
};
