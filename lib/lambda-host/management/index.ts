import { Hono } from "hono";
import type { Concurrency } from "../concurrency.ts";
import type { Registry } from "../registry.ts";
import { accountApi } from "./account.ts";
import { functionsApi } from "./functions.ts";
import { provisionedConcurrencyApi } from "./provisioned-concurrency.ts";
import { reservedConcurrencyApi } from "./reserved-concurrency.ts";
import { versionsApi } from "./versions.ts";

/**
 * The part of Lambda's API that operators use, on the functions of this host. There are no aliases.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export function managementApi(registry: Registry, concurrency: Concurrency): Hono {
  return new Hono()
    .use("/:date{20\\d\\d-\\d\\d-\\d\\d}/*", async ({ req }, next) => {
      await next();
      if (req.method !== "GET") registry.keep();
    })
    .route("/", accountApi(registry, concurrency))
    .route("/", functionsApi(registry))
    .route("/", versionsApi(registry))
    .route("/", reservedConcurrencyApi(registry, concurrency))
    .route("/", provisionedConcurrencyApi(registry));
}
