import {
  type Admin,
  hasScopes,
  limitScopes,
  readLimits,
  readServices,
  unlimitScope,
} from "../../../restate/index.ts";
import { logFailure } from "../answer.ts";

/** A stack's concurrency limits. The attribute `Scopes` is `on` if the server enforces them, else `off`. */
export const RULES = "Custom::RestateConcurrencyRules";

export interface Rules {
  /** JSON, because CloudFormation turns every number into text: a list of `Limit`. */
  limits: string;
  /** When it was synthesised. Without it, CloudFormation would not ask again until a limit changes. */
  deployment: string;
}

/** How many calls of a service may run at once. */
export interface Limit {
  scope: string;
  /** Undefined: as many as there are. */
  concurrency?: number | undefined;
  /** Equal for deployments that do not change the function. */
  version: string;
}

/**
 * Applies the limits of the functions that this deployment changes, as it does at Lambda: what `fanout scale` set for others
 * stays. Limits of services that are gone go with these.
 * @param wasOn whether the server enforced limits at the last deployment.
 * @returns whether it does now; one without flow control has none.
 * @throws Error when Restate does not answer or refuses the key: before anything else of a deployment is changed.
 */
export async function applyRules(admin: Admin, change: Change, wasOn: boolean): Promise<boolean> {
  try {
    return await apply(admin, change, wasOn);
  } catch (error) {
    if (!isRollback(change)) throw error;
    // Otherwise nothing could be deployed any more until somebody has continued the rollback.
    logFailure("rollback of limits failed", error);
    return wasOn;
  }
}

interface Change {
  before: Rules | undefined;
  after: Rules;
}

/** A rollback is an update to the properties of the deployment before. */
const isRollback = ({ before, after }: Change) =>
  before !== undefined && after.deployment < before.deployment;

async function apply(admin: Admin, { before, after }: Change, wasOn: boolean): Promise<boolean> {
  const isOn = await hasScopes(admin);
  // The version may be read without a key.
  await readServices(admin);
  const old = wasOn ? read(before) : new Map<string, Limit>();
  const changed = [...read(after).values()].filter((limit) => !isSame(limit, old.get(limit.scope)));
  if (isOn) await setLimits(admin, changed);
  return isOn;
}

async function setLimits(admin: Admin, limits: readonly Limit[]): Promise<void> {
  const current = await readLimits(admin);
  await limitScopes(
    admin,
    new Map(
      limits.flatMap(({ scope, concurrency }) => (concurrency === undefined ? [] : [[scope, concurrency]])),
    ),
  );
  for (const { scope, concurrency } of limits) {
    if (concurrency === undefined && current.has(scope)) await unlimitScope(admin, scope);
  }
}

const isSame = (a: Limit, b: Limit | undefined) =>
  a.concurrency === b?.concurrency && a.version === b?.version;

function read({ limits } = { limits: "[]" }): Map<string, Limit> {
  return new Map((JSON.parse(limits) as Limit[]).map((limit) => [limit.scope, limit]));
}
