import type { Approval, CallResult, Usage } from "../call/index.ts";

export { TOPIC } from "../call/index.ts";

/**
 * What is told of a run: `turns`: turns and calls, each time the agent works, so the ends of calls that run together come
 * together, without their outputs; `calls`: also every call's end and output, at once, by its own function; `text`: also
 * the model's text while it is written.
 */
export const EVENT_MODES = ["turns", "calls", "text"] as const;
export type EventMode = (typeof EVENT_MODES)[number];

/** The ids of the calls through which an agent was called, from the run down: none for the run that a person began. */
export type Path = readonly string[];

/** Something that happened in a run. Times are ms since the epoch. */
export type RunEvent = {
  at: number;
  /** Whose it is: the run's, or that of an agent further down. */
  path: Path;
} & (
  | { type: "run-began"; agent: string; model: string; message: string }
  /** @param model that is asked, where it is not the run's own. */
  | { type: "turn-began"; turn: number; model?: string }
  /** What the model writes. `begins`: what came of this turn before does not count: the model is asked again. */
  | { type: "text"; turn: number; text: string; begins?: true }
  /** @param text all of it. @param calls how many calls it asks for. @param model that replied, where it is not the run's own. */
  | {
      type: "turn-ended";
      turn: number;
      text: string;
      calls: number;
      finishReason: string;
      usage: Usage;
      model?: string;
    }
  | { type: "call-issued"; id: string; tool: string; input: unknown }
  /**
   * A call waits until somebody approves it.
   * @param approval the id to answer with. @param id the call's. @param part whether it is a part of that call that waits.
   * @param expiresAt until when it waits.
   */
  | {
      type: "approval-asked";
      approval: string;
      id?: string | undefined;
      part: boolean;
      tool: string;
      input: unknown;
      expiresAt: number;
    }
  | ({ type: "approval-answered"; approval: string; id?: string | undefined } & Omit<Approval, "at">)
  | CallEnded
  /** The turn that begins is the last. */
  | { type: "limit-reached"; limit: string }
  | {
      type: "run-ended";
      answer: unknown;
      finishReason: string;
      turns: number;
      /** How many. */
      toolCalls: number;
      usage: Usage;
    }
  | { type: "run-failed"; code: number; message: string }
  | { type: "run-cancelled" }
);

/** An event on its way. `told`: it is its call's own function that tells it; who issued the call says the last word. */
export type Published = RunEvent & { told?: true };

/** How a call ended: as its result, without what `call-issued` has said. */
type CallEnded = { type: "call-ended"; id: string; tool: string } & Omit<CallResult, "id" | "tool" | "input">;

/** The events after which nothing more comes of a run, if they are its own and not those of an agent further down. */
const LAST: readonly RunEvent["type"][] = ["run-ended", "run-failed", "run-cancelled"];

export const isLast = ({ type, path }: Pick<RunEvent, "type" | "path">): boolean =>
  path.length === 0 && LAST.includes(type);

/** The field of a call's header that says who watches: the path of the agent that makes it. With `turns`, only approvals are told. */
const ONLY_APPROVALS = "~";

export const tellField = (mode: EventMode, path: Path): string =>
  (mode === "turns" ? ONLY_APPROVALS : "") + path.map((id) => `/${encodeURIComponent(id)}`).join("");

/** The path that such a field names; undefined without one. */
export const pathOf = (field: string | undefined): Path | undefined =>
  field?.replace(ONLY_APPROVALS, "").split("/").slice(1).map(decodeURIComponent);

/** Whether the ends of calls are told by their own functions, by the same field. */
export const tellsEnds = (field: string | undefined): boolean =>
  field !== undefined && !field.startsWith(ONLY_APPROVALS);
