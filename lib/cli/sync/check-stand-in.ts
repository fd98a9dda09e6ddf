import { explain } from "../../runtime/index.ts";
import type { StandIn } from "../../sandbox/index.ts";
import type { Tool } from "../../tool/index.ts";

/** Any URL: only the names of the settings are read. */
const NOWHERE = "http://127.0.0.1";

/**
 * Checks a stand-in against the tools. One without effect would let a tool ask its real provider, or never be asked itself.
 * @param tool the tool whose folder it is in.
 * @returns what is wrong, if anything.
 */
export function problemOf(
  { provider, words }: StandIn,
  tool: Tool,
  tools: readonly Tool[],
): string | undefined {
  // A server's settings are known only when it runs.
  const replaced = provider && "app" in provider ? Object.keys(provider.env(NOWHERE)) : [];
  const declared = new Set(tools.flatMap(settingsOf));
  const unknown = replaced.find((setting) => !declared.has(setting));
  if (unknown !== undefined) {
    const own = settingsOf(tool).join(", ") || "none";
    return `env: expected settings and secrets that a tool declares, got "${unknown}". Declared by ${tool.name}: ${own}.`;
  }
  for (const { input } of words?.find(words.example) ?? []) {
    const { error } = tool.input.safeParse(input);
    if (error)
      return `words: a call found in the example does not fit the contract: ${explain(error, input)}.`;
  }
  return undefined;
}

const settingsOf = ({ env, secrets }: Tool): string[] => [...Object.keys(env), ...secrets];
