import { CancelledError, type Context, serde, TerminalError } from "@restatedev/restate-sdk/lambda";
import { type CallReport, callField, callOrigin, courseOf, isLate } from "../call/index.ts";
import { cleanMessage, jsonBytes } from "../runtime/index.ts";
import {
  type EventMode,
  type Path,
  type Published,
  pathOf,
  type RunEvent,
  TOPIC,
  tellField,
  tellsEnds,
} from "./event.ts";

/** Who watches an agent: how closely, and where the agent stands in the run. */
export interface Watch {
  mode: EventMode;
  path: Path;
}

/** An event without what is the same for all of an agent's. Without a time, it is told as having happened with the one before. */
type Told = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, "path" | "at"> & { at?: number }
    : never
  : never;

/**
 * What an agent tells of its run. It tells it whenever it is about to wait: one send for each time it works, which costs one
 * invocation of the topic. Everything is a function of the journal (F12).
 */
export class RunLog {
  readonly watch: Watch | undefined;
  readonly #ctx: Context;
  #events: RunEvent[] = [];
  #at = 0;
  #bytes = 0;

  /** @param watch undefined: nobody watches, and nothing is told. */
  constructor(ctx: Context, watch: Watch | undefined) {
    this.#ctx = ctx;
    this.watch = watch;
  }

  tell(...events: Told[]): void {
    if (!this.watch) return;
    const { path } = this.watch;
    for (const event of events) {
      this.#at = event.at ?? this.#at;
      this.#events.push({ ...event, at: this.#at, path } as RunEvent);
    }
  }

  /** Sends what has been told. */
  flush(): void {
    if (this.#events.length === 0) return;
    publish(this.#ctx, this.#events);
    this.#bytes += jsonBytes(this.#events);
    this.#events = [];
  }

  /** What has been sent since the last time, in bytes: it stands in the journal. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}

function publish(ctx: Context, events: readonly Published[]): void {
  const key = callOrigin(ctx.request()).run;
  ctx.genericSend({ service: TOPIC, method: "publish", key, parameter: events, inputSerde: serde.json });
}

/** The field of a call's header that says who watches. */
export const watchField = (watch: Watch | undefined): { tell?: string } =>
  watch ? { tell: tellField(watch.mode, watch.path) } : {};

/**
 * Tells those who watch the run at once how a call ends that a tool answers, while its siblings still run.
 * It is the tool's own function that tells it, so the agent is not woken for it. One whose time was over is a timeout, as the agent tells.
 */
export async function tellingEnd(
  ctx: Context,
  tool: string,
  work: () => Promise<CallReport>,
): Promise<CallReport> {
  const field = callField(ctx.request().headers, "tell");
  const path = pathOf(field);
  const { call: id } = callOrigin(ctx.request());
  if (path === undefined || id === undefined || !tellsEnds(field)) return await work();
  const tell = (event: Omit<Extract<Published, { type: "call-ended" }>, "type" | "path" | "id" | "tool">) =>
    publish(ctx, [{ type: "call-ended", path, id, tool, told: true, ...event }]);
  try {
    const report = await work();
    tell({ status: "ok", at: endOf(report), ...report });
    return report;
  } catch (error) {
    if (error instanceof TerminalError && !(error instanceof CancelledError) && !isLate(error)) {
      const course = courseOf(error);
      tell({ status: "error", error: cleanMessage(error), at: endOf(course), truncated: false, ...course });
    }
    throw error;
  }
}

const endOf = ({ startedAt, durationMs }: Pick<CallReport, "startedAt" | "durationMs">): number =>
  startedAt === null ? 0 : Date.parse(startedAt) + durationMs;
