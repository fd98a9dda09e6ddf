import { Hono } from "hono";
import type { Concurrency } from "../concurrency.ts";
import type { Functions } from "../functions.ts";
import { accountApi } from "./account.ts";
import { concurrencyApi } from "./concurrency.ts";
import { functionsApi } from "./functions.ts";
import { provisionedApi } from "./provisioned.ts";
import { versionsApi } from "./versions.ts";

/**
 * The part of Lambda's API that operators use, on the functions of this host. Aliases there are none.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export function managementApi(functions: Functions, concurrency: Concurrency): Hono {
  return new Hono()
    .use("/:date{20\\d\\d-\\d\\d-\\d\\d}/*", async ({ req }, next) => {
      await next();
      if (req.method !== "GET") functions.keep();
    })
    .route("/", accountApi(functions, concurrency))
    .route("/", functionsApi(functions))
    .route("/", versionsApi(functions))
    .route("/", concurrencyApi(functions, concurrency))
    .route("/", provisionedApi(functions));
}
