import { type Admin, hasScopes, limitScopes, unlimitScope } from "../../../restate/index.ts";
import type { Change } from "./change.ts";

/** A stack's concurrency limits. The attribute `Scopes` is `on` if the server enforces them, else `off`. */
export const RULES = "Custom::RestateConcurrencyRules";

export interface Rules {
  /** JSON, because CloudFormation turns every number into text: `[{ scope, concurrency }]`. */
  limits: string;
}

/** @returns whether the server enforces limits; one without flow control has none. */
export async function applyRules(admin: Admin, { before, after }: Change<Rules>): Promise<boolean> {
  if (!(await hasScopes(admin))) return false;
  const limits = read(after);
  await limitScopes(admin, limits);
  for (const scope of read(before).keys()) {
    if (!limits.has(scope)) await unlimitScope(admin, scope);
  }
  return true;
}

function read({ limits }: Rules = { limits: "[]" }): Map<string, number> {
  const list = JSON.parse(limits) as { scope: string; concurrency: number }[];
  return new Map(list.map(({ scope, concurrency }) => [scope, concurrency]));
}
