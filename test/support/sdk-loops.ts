import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./imports.ts";

/** The example whose packages a loop uses; the AI SDK is one of ours. */
const EXAMPLES = {
  "ai-sdk": undefined,
  "openai-agents": "openai-agents",
  langchain: "langchain",
  langgraph: "langchain",
  adk: "adk",
} as const;

/** A loop of another SDK, in `test/support/functions/loops`. */
export const SDK_LOOPS = Object.entries(EXAMPLES).map(([loop, example]) => ({
  loop,
  /** The folder whose packages it uses. */
  root: example === undefined ? ROOT : join(ROOT, "examples", example),
  /** Whether the packages are there: they are no part of the project's own. */
  isInstalled: example === undefined || existsSync(join(ROOT, "examples", example, "node_modules")),
}));
