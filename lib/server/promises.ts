import type { Context } from "hono";
import * as z from "zod";
import { FanoutError } from "../client/index.ts";
import type { Env } from "./access.ts";
import type { OwnRun } from "./one-run.ts";
import { badRequest, conflict } from "./refusal.ts";
import { readBody } from "./run-request.ts";
import { type Service, soon } from "./service.ts";

const promiseBody = z.strictObject({ value: z.unknown() });

/** `POST /runs/:id/promises/:name`: resolves what a composite of the run waits for. */
export async function resolvePromise(service: Service, c: Context<Env>, { run }: OwnRun): Promise<Response> {
  const read = readBody(promiseBody, await c.req.text());
  if ("problem" in read) return badRequest(c, read.problem);
  const { value = null } = read.body;
  try {
    return c.json(await service.runs.resolve(run, { name: c.req.param("name") ?? "", value }, soon(c)));
  } catch (error) {
    if (!(error instanceof FanoutError)) throw error;
    if (error.code === "answered") return conflict(c, error.message);
    if (error.code === "bad-request") return badRequest(c, error.message);
    throw error;
  }
}
