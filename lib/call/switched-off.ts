import { readSetting } from "../runtime/index.ts";
import { callFailure } from "./report.ts";

/** The setting that switches a service off: `on`. Nothing else does. */
export const SWITCHED_OFF = "SWITCHED_OFF";

/** A setting of the deployment: the same for every attempt of a call, because calls stay on the version they started on. */
const off = readSetting(SWITCHED_OFF, "") === "on";

/**
 * Ends a call of a service that its deployment, or `fanout scale`, has switched off, before any of its code has run.
 * @throws TerminalError that says so, to the model or to whoever started the run.
 */
export function refuseIfSwitchedOff(service: string): void {
  if (off) throw callFailure(`${service} is switched off.`);
}
