import { Hono } from "hono";
import type { Concurrency } from "../concurrency.ts";
import type { Registry } from "../registry.ts";

/** Lambda's quotas for code, in bytes. Not enforced here. */
const CODE_BYTES = { account: 75 * 1024 ** 3, zipped: 50 * 1024 ** 2, unzipped: 250 * 1024 ** 2 };

/**
 * GetAccountSettings.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
 */
export function accountApi(registry: Registry, concurrency: Concurrency): Hono {
  const app = new Hono();
  app.get("/2016-08-19/account-settings", (c) =>
    c.json({
      AccountLimit: {
        TotalCodeSize: CODE_BYTES.account,
        CodeSizeUnzipped: CODE_BYTES.unzipped,
        CodeSizeZipped: CODE_BYTES.zipped,
        ConcurrentExecutions: concurrency.account,
        UnreservedConcurrentExecutions: concurrency.unreserved,
      },
      AccountUsage: {
        TotalCodeSize: registry.versions.reduce((total, { code }) => total + code.bytes, 0),
        FunctionCount: registry.names.length,
      },
    }),
  );
  return app;
}
