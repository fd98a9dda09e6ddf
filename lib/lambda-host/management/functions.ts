import { Hono } from "hono";
import * as z from "zod";
import { reservedNames } from "../environment-variables.ts";
import { LambdaError } from "../lambda-error.ts";
import type { Registry } from "../registry.ts";
import { targetFunction, targetUnqualified, targetVersion } from "../target.ts";
import { LATEST } from "../version.ts";
import { configuration, listedConfiguration, sortKey } from "./configuration.ts";
import { Paging, page } from "./paging.ts";
import { readFields, readQuery } from "./request.ts";

/** Lambda's quotas: memory in MiB, time in seconds, all environment variables together in bytes. */
const MEMORY_MB = { least: 128, most: 10_240 };
const TIMEOUT_SECONDS = { least: 1, most: 900 };
const MAX_VARIABLES_BYTES = 4 * 1024;

const ListQuery = Paging.extend({ FunctionVersion: z.literal("ALL").optional() });

/** What can be changed here. Any other field is refused rather than ignored. */
const Change = z.strictObject({
  FunctionName: z.string().optional(),
  Description: z.string().max(256).optional(),
  MemorySize: z.int().min(MEMORY_MB.least).max(MEMORY_MB.most).optional(),
  Timeout: z.int().min(TIMEOUT_SECONDS.least).max(TIMEOUT_SECONDS.most).optional(),
  Environment: z
    .object({ Variables: z.record(z.string().regex(/^[a-zA-Z]\w+$/), z.string()).default({}) })
    .optional(),
  RevisionId: z.string().optional(),
});

/**
 * ListFunctions, GetFunctionConfiguration, UpdateFunctionConfiguration (description, memory, timeout, environment) and
 * DeleteFunction.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html and its neighbours
 */
export function functionsApi(registry: Registry): Hono {
  const app = new Hono();

  app.get("/2015-03-31/functions", (c) => {
    const query = readQuery(c, ListQuery);
    const all = query.FunctionVersion === "ALL";
    const listed = registry.versions.filter(({ version }) => all || version === LATEST);
    const sorted = listed.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const { entries, ...next } = page(sorted, sortKey, query);
    return c.json({ Functions: entries.map((version) => listedConfiguration(version, all)), ...next });
  });

  app.get("/2015-03-31/functions/:function/configuration", (c) => {
    const { fn, qualifier, version } = targetVersion(c, registry);
    const updating = version.version === LATEST && fn.updating;
    return c.json(configuration(version, qualifier !== undefined, updating));
  });

  app.put("/2015-03-31/functions/:function/configuration", async (c) => {
    const { Description, MemorySize, Timeout, Environment, RevisionId } = await readFields(c, Change);
    const fn = targetUnqualified(c, registry);
    if (Environment) checkVariables(Environment.Variables);
    const change = {
      description: Description,
      ...(MemorySize !== undefined && { memoryMb: MemorySize }),
      ...(Timeout !== undefined && { timeoutSeconds: Timeout }),
      ...(Environment && { environment: Environment.Variables }),
    };
    const latest = fn.updateConfiguration(change, { revisionId: RevisionId });
    return c.json(configuration(latest, false, fn.updating));
  });

  app.delete("/2015-03-31/functions/:function", (c) => {
    const { fn, qualifier } = targetFunction(c, registry);
    if (qualifier === undefined) registry.delete(fn.name);
    else {
      checkDeletable(qualifier);
      // A version that is not there is no error on AWS either.
      fn.deleteVersion(qualifier);
    }
    return c.body(null, 204);
  });

  return app;
}

function checkDeletable(qualifier: string): void {
  if (/^\d+$/.test(qualifier)) return;
  throw new LambdaError(
    "InvalidParameterValueException",
    qualifier === LATEST
      ? `${LATEST} version cannot be deleted without deleting the function.`
      : `Qualifier should be the number of a published version; got ${qualifier}. Aliases cannot be deleted this way.`,
  );
}

function checkVariables(variables: Record<string, string>): void {
  const reserved = reservedNames(variables);
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (reserved.length === 0 && bytes <= MAX_VARIABLES_BYTES) return;
  throw new LambdaError(
    "InvalidParameterValueException",
    reserved.length > 0
      ? `These environment variables are Lambda's own and cannot be set: ${reserved.join(", ")}.`
      : `Environment variables take ${MAX_VARIABLES_BYTES} bytes at most; these take ${bytes}.`,
  );
}
