import type { Call } from "./models/seam.ts";

/** What two calls have in common that ask for the same: the tool, and the input whatever the order of its fields. */
export function identity({ tool, input }: Pick<Call, "tool" | "input">): string {
  return `${tool} ${JSON.stringify(input, (_, value) => sortKeys(value))}`;
}

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
