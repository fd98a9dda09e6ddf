/** The longest name of a tool, in characters. */
const MAX_LENGTH = 36;

/**
 * The name of a server's tool here: `<server>_<tool>` in snake_case.
 * @throws TypeError for one that is too long, or has nothing that a name is made of.
 */
export function toolNameOf(server: string, tool: string): string {
  const name = `${snakeCase(server)}_${snakeCase(tool)}`;
  if (/^[a-z][a-z0-9_]*[a-z0-9]$/.test(name) && name.length <= MAX_LENGTH) return name;
  throw new TypeError(
    `${server}: the tool ${JSON.stringify(tool)} would be called "${name}": expected snake_case, at most ${MAX_LENGTH} characters. Give it a name in server.ts.`,
  );
}

/** A name to begin with for a tool whose own one would be too long; undefined for all others. */
export function shortNameOf(server: string, tool: string): string | undefined {
  if (`${snakeCase(server)}_${snakeCase(tool)}`.length <= MAX_LENGTH) return undefined;
  return snakeCase(tool).slice(0, MAX_LENGTH).replace(/_+$/, "");
}

/** `get-sum`, `getSum`, `get.sum` and `Get Sum` become `get_sum`. */
function snakeCase(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
}

/** The name under which a generated tools.ts exports a tool's contract: `everythingEcho` for `everything_echo`. */
export function exportNameOf(tool: string): string {
  // A name of one word may be one of JavaScript's own; there are none of several words.
  if (!/_[a-z]/.test(tool)) return `${tool}Tool`;
  return tool.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The setting that holds a server's URL: `EVERYTHING_MCP_URL`. */
export const urlSettingOf = (server: string): string => `${snakeCase(server).toUpperCase()}_MCP_URL`;
