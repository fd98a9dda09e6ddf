import { Hono } from "hono";
import * as z from "zod";
import type { Concurrency } from "../concurrency.ts";
import type { Registry } from "../registry.ts";
import { targetUnqualified } from "../target.ts";
import { readFields } from "./request.ts";

const Reservation = z.object({ ReservedConcurrentExecutions: z.int().min(0) });

/**
 * PutFunctionConcurrency, GetFunctionConcurrency and DeleteFunctionConcurrency. What is set holds for the next request.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html and its neighbours
 */
export function reservedConcurrencyApi(registry: Registry, concurrency: Concurrency): Hono {
  const app = new Hono();

  app.put("/2017-10-31/functions/:function/concurrency", async (c) => {
    const { ReservedConcurrentExecutions } = await readFields(c, Reservation);
    const { name } = targetUnqualified(c, registry);
    concurrency.reserve(name, ReservedConcurrentExecutions);
    return c.json({ ReservedConcurrentExecutions });
  });

  app.get("/2019-09-30/functions/:function/concurrency", (c) => {
    const { name } = targetUnqualified(c, registry);
    return c.json({ ReservedConcurrentExecutions: concurrency.reserved(name) });
  });

  app.delete("/2017-10-31/functions/:function/concurrency", (c) => {
    const { name } = targetUnqualified(c, registry);
    concurrency.reserve(name, undefined);
    return c.body(null, 204);
  });

  return app;
}
