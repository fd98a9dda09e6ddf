import { join } from "node:path";
import * as z from "zod";
import { defineTool } from "../../lib/tool/index.ts";

const COUNT = 20;

/** The implementation that every one of the tools has: a small one of the tests. */
export const HANDLER = join(import.meta.dirname, "../../test/support/functions/gate/handler.ts");

/** Contracts that differ by name only. */
export const tools = Array.from({ length: COUNT }, (_, index) =>
  defineTool({
    name: `tool_${index}`,
    description: "One of many.",
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
  }),
);
