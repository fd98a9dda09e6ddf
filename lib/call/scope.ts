import { readSetting } from "../runtime/index.ts";

/** The setting that says whether the server limits the concurrency of scopes: `on`, or `off`. */
export const SCOPES = "RESTATE_SCOPES";

/** A setting of the deployment: the same for every attempt of a run, because runs stay on the version they started on. */
const limited = readSetting(SCOPES, "off") === "on";

/**
 * F7: the option with which every call of a service is made. Where the server has flow control the call has a scope of
 * the service's name, and waits at the server while the scope's limit, if there is one, is reached.
 * @see https://docs.restate.dev/services/flow-control
 */
export function scopeOf(service: string): { scope?: string } {
  return limited ? { scope: service } : {};
}
