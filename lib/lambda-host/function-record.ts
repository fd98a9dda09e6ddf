import { basename, join } from "node:path";
import * as z from "zod";
import type { History, LambdaFunction } from "./lambda-function.ts";
import type { Version } from "./version.ts";

const versionRecord = z.object({
  /** "1", "2", … or `$LATEST`. */
  version: z.string(),
  spec: z.object({
    handler: z.string(),
    memoryMb: z.number(),
    timeoutSeconds: z.number(),
    environment: z.record(z.string(), z.string()),
    settings: z.array(z.string()).readonly().optional(),
    reservedConcurrency: z.number().optional(),
    provisionedConcurrency: z.number().optional(),
  }),
  description: z.string(),
  /** The name of the folder with its code; versions may share one. */
  code: z.object({ folder: z.string(), sha256: z.string(), bytes: z.number() }),
  /** ISO 8601. */
  lastModified: z.string(),
  revisionId: z.string(),
  /** Its provisioned concurrency as it is now. */
  provisioned: z.number().optional(),
});

/** A function as it is written down. */
export const functionRecord = z.object({
  name: z.string(),
  lastNumber: z.number(),
  published: z.object({ version: z.string(), content: z.string() }).optional(),
  /** Its reserved concurrency as it is now. */
  reserved: z.number().optional(),
  /** None if the function is deleted: its numbers are not given again even so. */
  versions: z.array(versionRecord),
});

export type FunctionRecord = z.output<typeof functionRecord>;

export function toRecord(fn: LambdaFunction, reserved: number | undefined): FunctionRecord {
  const { lastNumber, published, versions } = fn.history;
  return {
    name: fn.name,
    lastNumber,
    published,
    reserved,
    versions: versions.map(({ code: { taskRoot, ...code }, lastModified, ...version }) => ({
      ...version,
      code: { ...code, folder: basename(taskRoot) },
      lastModified: lastModified.toISOString(),
      provisioned: fn.find(version.version)?.pool.provisioned?.requested,
    })),
  };
}

/** @param codeRoot where this function's code runs from: a folder by name for each. */
export function toHistory(
  { name, lastNumber, published, versions }: FunctionRecord,
  codeRoot: string,
): History {
  return {
    lastNumber,
    published,
    versions: versions.map(
      ({ version, spec, description, code: { folder, ...code }, lastModified, revisionId }) => {
        const taskRoot = join(codeRoot, folder);
        return {
          version,
          spec: { ...(spec as Omit<Version["spec"], "name" | "codeDir">), name, codeDir: taskRoot },
          description,
          code: { ...code, taskRoot },
          lastModified: new Date(lastModified),
          revisionId,
        };
      },
    ),
  };
}
