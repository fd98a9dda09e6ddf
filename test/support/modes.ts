import type { Mode } from "../../lib/testing/index.ts";

/**
 * The modes that differ for functions on Lambda. "always replay" orders a suspension at every wait, which an answer to Lambda's
 * Invoke is anyway; that it changes no result and no cost is shown by test/agent.e2e.test.ts and others with a few calls.
 */
export const DISTINCT_MODES = ["v7", "v6"] as const satisfies readonly Mode[];
