import { Hono } from "hono";
import * as z from "zod";
import type { Concurrency } from "../concurrency.ts";
import type { Functions } from "../functions.ts";
import { targetUnqualified } from "../target.ts";
import { readFields } from "./request.ts";

const Reservation = z.object({ ReservedConcurrentExecutions: z.int().min(0) });

/**
 * PutFunctionConcurrency, GetFunctionConcurrency and DeleteFunctionConcurrency. What is set holds for the next request.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html and its neighbours
 */
export function concurrencyApi(functions: Functions, concurrency: Concurrency): Hono {
  const app = new Hono();

  app.put("/2017-10-31/functions/:function/concurrency", async (c) => {
    const { ReservedConcurrentExecutions } = await readFields(c, Reservation);
    const { name } = targetUnqualified(c, functions);
    concurrency.reserve(name, ReservedConcurrentExecutions);
    return c.json({ ReservedConcurrentExecutions });
  });

  app.get("/2019-09-30/functions/:function/concurrency", (c) => {
    const { name } = targetUnqualified(c, functions);
    return c.json({ ReservedConcurrentExecutions: concurrency.reserved(name) });
  });

  app.delete("/2017-10-31/functions/:function/concurrency", (c) => {
    const { name } = targetUnqualified(c, functions);
    concurrency.reserve(name, undefined);
    return c.body(null, 204);
  });

  return app;
}
