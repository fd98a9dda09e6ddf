import type { Code } from "./code.ts";
import type { Pool } from "./pool.ts";
import type { Spec } from "./spec.ts";

/** The unpublished version, whose configuration can change. */
export const LATEST = "$LATEST";

/** One version of a function: `$LATEST`, or a published one, which never changes. */
export interface Version {
  /** "1", "2", … or `$LATEST`. */
  version: string;
  spec: Spec;
  description: string;
  code: Code;
  pool: Pool;
  lastModified: Date;
  /** Changes with every change of the version. */
  revisionId: string;
}

/** Orders versions: `$LATEST` comes before all numbers. */
export function versionNumber(version: string): number {
  return version === LATEST ? 0 : Number(version);
}

/** Equal for versions between which Lambda sees no change. */
export function content({ spec, code, description }: Version): string {
  const environment = Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    spec.handler,
    spec.memoryMb,
    spec.timeoutSeconds,
    environment,
    code.sha256,
    description,
  ]);
}
