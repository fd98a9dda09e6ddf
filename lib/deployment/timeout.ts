import { AGENT_ABORT_SECONDS, AGENT_TIMEOUT_SECONDS, MODEL_TIMEOUT_SECONDS } from "../agent/index.ts";
import { ABORT_MARGIN_SECONDS, MAX_TIMEOUT_SECONDS, type Tool } from "../tool/index.ts";
import { SettingsError } from "./config.ts";
import type { ScalingOverride } from "./scaling.ts";

/** By how much a function outlives its tool's own timeout, so that the tool ends cleanly, in seconds. */
const TOOL_MARGIN_SECONDS = 15;

/**
 * How long one invocation of a tool's function may run, in seconds: longer than the tool itself, shorter than Restate waits.
 * @throws SettingsError for an override outside of that.
 */
export function toolTimeout({ name, timeout }: Tool, override: ScalingOverride = {}): number {
  // What takes longer waits on no function.
  const seconds = Math.min(timeout.seconds, MAX_TIMEOUT_SECONDS);
  const usual = seconds + TOOL_MARGIN_SECONDS;
  return between(name, seconds, override.timeoutSeconds ?? usual, seconds + ABORT_MARGIN_SECONDS);
}

/**
 * How long one invocation of an agent's function may run, in seconds: longer than a model's request, shorter than
 * Restate waits.
 * @throws SettingsError for an override outside of that.
 */
export function agentTimeout({ name }: { name: string }, override: ScalingOverride = {}): number {
  const seconds = override.timeoutSeconds ?? AGENT_TIMEOUT_SECONDS;
  return between(name, MODEL_TIMEOUT_SECONDS, seconds, AGENT_ABORT_SECONDS);
}

function between(name: string, low: number, seconds: number, high: number): number {
  if (low < seconds && seconds < high) return seconds;
  throw new SettingsError(
    `${name}: timeoutSeconds should be above ${low}, its own timeout, and below ${high}, when Restate takes an attempt for lost; it is ${seconds}`,
  );
}
