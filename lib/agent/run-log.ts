import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import type { Usage } from "../call/index.ts";
import { logUnexpected } from "../runtime/index.ts";
import { ModelError } from "./models/seam.ts";
import type { SdkReply } from "./models/usage.ts";
import { type RunSummary, tellRun, tellTurn } from "./telemetry.ts";

type Log = Pick<Context, "console">;
type Ctx = Pick<Context, "console" | "request">;

/** One reply of the model. */
interface TurnSummary extends Usage {
  /** From 1. */
  turn: number;
  model: string;
  /** The tools that the model asked for, by the names of the contracts. */
  calls: string[];
  durationMs?: number;
}

/** The model may write anything where a tool's name should be. */
const UNKNOWN_TOOL = "(unknown)";

/** Logs a reply of the model, and tells metrics what it cost. @param tools what it was offered. */
export function logTurn(ctx: Ctx, tools: readonly { name: string }[], summary: TurnSummary): void {
  const known = new Set(tools.map(({ name }) => name));
  const calls = summary.calls.map((name) => (known.has(name) ? name : UNKNOWN_TOOL));
  ctx.console.info({ event: "turn ended", ...summary, calls });
  tellTurn(ctx, summary);
}

/** Logs a request that a provider refused or failed at, with the HTTP status where there is one. */
export function logModelFailure(ctx: Log, model: string, error: unknown): void {
  if (error instanceof ModelError) {
    const { statusCode } = (error.cause ?? {}) as { statusCode?: unknown };
    const status = typeof statusCode === "number" ? statusCode : undefined;
    ctx.console.warn({ event: "model request failed", model, status, retryable: error.retryable });
  } else logUnexpected(ctx, error);
}

/** A turn that another model is asked for, because this one has failed for good. */
export function logFallback(ctx: Log, line: { turn: number; model: string; next: string }): void {
  ctx.console.warn({ event: "model given up", ...line });
}

/** What was said already, once per execution environment: it is the same in every turn of every run. */
const said = new Set<string>();
/** More than the settings of all models of an agent. */
const MAX_SAID = 200;

/**
 * Logs, once, each setting that a provider or the SDK does not take, or takes otherwise. In words, which may quote the request, at
 * debug level only.
 */
export function logWarnings(ctx: Log, model: string, warnings: SdkReply["warnings"]): void {
  for (const { type, ...warning } of warnings) {
    const { feature, setting = feature, ...words } = warning as Partial<Record<string, string>>;
    const key = [model, type, setting].join(" ");
    if (said.has(key) || said.size >= MAX_SAID) continue;
    said.add(key);
    ctx.console.warn({ event: "model setting not taken", model, type, setting });
    ctx.console.debug({ event: "model setting not taken", model, type, setting, ...words });
  }
}

/**
 * Logs how a person's run ended, and tells traces and metrics of it, in the attempt that ends it: one that suspends or is tried again does not get here.
 * An alarm counts the lines with the event `run failed`, so there is one per failed run.
 */
export async function logRun<T>(
  ctx: Ctx,
  work: () => Promise<T>,
  summarise: (output: T) => RunSummary,
): Promise<T> {
  const { console } = ctx;
  try {
    const output = await tellRun(ctx, work, summarise);
    console.info({ event: "run ended", ...summarise(output) });
    return output;
  } catch (error) {
    if (error instanceof CancelledError) console.info({ event: "run cancelled" });
    else if (error instanceof TerminalError) {
      console.error({ event: "run failed", code: error.code, errorType: error.name });
    }
    // F13: a cancellation too.
    throw error;
  }
}
