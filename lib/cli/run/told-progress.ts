import { isLastEvent } from "../../client/index.ts";
import type { RunEvent } from "../../events/index.ts";
import type { CallProgress } from "./call-progress.ts";
import { lastEnd, leadsToModel, type RunProgress, type TurnProgress } from "./progress.ts";

type Issued = Extract<RunEvent, { type: "call-issued" }>;
type Asked = Extract<RunEvent, { type: "approval-asked" }>;
type Answered = Extract<RunEvent, { type: "approval-answered" }>;
type Ended = Extract<RunEvent, { type: "call-ended" }>;

/**
 * How far a run is, as its events tell; what its sub-agents do is left out, but for what somebody is asked.
 * @param askedAt when it was begun: until it has told something, that is all there is.
 */
export function toldProgress(events: readonly RunEvent[], askedAt: number): RunProgress {
  const own = events.filter(({ path }) => path.length === 0);
  const startedAt = own[0]?.at || askedAt;
  const turns: TurnProgress[] = [];
  let text = "";
  for (const event of events) {
    const turn = turns.at(-1);
    if (event.type === "approval-asked") noteAsked(turn, event);
    else if (event.type === "approval-answered") noteAnswered(turn, event);
    else if (event.path.length > 0) continue;
    else if (event.type === "text") {
      if (event.turn > turns.length) text = event.begins ? event.text : text + event.text;
    } else if (event.type === "turn-began") {
      text = "";
      turns.push({ startedAt: event.at, asked: 0, calls: [] });
    } else if (event.type === "turn-ended")
      Object.assign(turn ?? {}, { repliedAt: event.at, asked: event.calls });
    else if (event.type === "call-issued") turn?.calls.push(inFlight(event));
    else if (event.type === "call-ended") {
      const call = turn?.calls.findLast(({ id }) => id === event.id);
      if (call) Object.assign(call, outcomeOf(event, call));
    }
  }
  const last = own.find(isLastEvent);
  // A turn is told when it is over.
  if (last?.type !== "run-ended" && leadsToModel(turns.at(-1)))
    turns.push({ ...unfinished(lastEnd(turns) ?? startedAt, last), ...(text !== "" && { text }) });
  if (last === undefined) return { startedAt, turns };
  return { startedAt, endedAt: Math.max(startedAt, last.at, lastEnd(turns) ?? 0), turns };
}

/** A question of a sub-agent is one of the call through which it was called. */
function noteAsked(
  turn: TurnProgress | undefined,
  { path, id, approval, tool, input, at, expiresAt, part }: Asked,
) {
  const call = turn?.calls.findLast((one) => one.id === (path[0] ?? id));
  if (!call) return;
  call.asks = [...(call.asks ?? []), { approval, tool, input, at, expiresAt }];
  if (part || path.length > 0) return;
  call.state = "waiting";
  delete call.startedAt;
}

function noteAnswered(turn: TurnProgress | undefined, { approval, at, decision, by, reason }: Answered) {
  for (const call of turn?.calls ?? []) {
    const ask = call.asks?.find((one) => one.approval === approval);
    if (ask === undefined) continue;
    ask.answer = { at, decision, by, reason };
    if (call.state !== "waiting") return;
    call.state = "running";
    call.startedAt = at;
  }
}

/** It is not told when a call that is in flight began to run. */
const inFlight = ({ id, tool, input, at }: Issued): CallProgress => ({
  id,
  tool,
  input,
  state: "running",
  issuedAt: at,
  startedAt: at,
});

function outcomeOf(
  { status, error, at, startedAt, durationMs }: Ended,
  { issuedAt }: CallProgress,
): Partial<CallProgress> {
  const begun = startedAt === null ? issuedAt : Date.parse(startedAt);
  return {
    state: status === "ok" ? "ok" : "failed",
    startedAt: begun,
    endedAt: startedAt === null ? Math.max(at, issuedAt) : begun + durationMs,
    ...(error && { failure: error }),
  };
}

/** A turn whose model is being asked; or that is the reason why the run failed, if no call is in flight. */
function unfinished(startedAt: number, last: RunEvent | undefined): TurnProgress {
  const turn = { startedAt, asked: 0, calls: [] };
  if (last === undefined) return turn;
  const failure = last.type === "run-failed" ? last.message : "The run was cancelled.";
  return { ...turn, repliedAt: Math.max(startedAt, last.at), failure };
}
