import type { Path, RunEvent } from "../../lib/events/index.ts";

/** An event of the run's own, unless it has a path; when it was told does not matter. */
export type Told = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, "at" | "path"> & { path?: Path }
    : never
  : never;

export const usage = { inputTokens: 1, outputTokens: 1 };
const runBegan = (agent: string, path: Path): Told => ({
  ...{ type: "run-began", agent, model: "openai/scripted", message: "Go.", path },
});
export const began = runBegan("TestAgent", []);
export const childBegan = (path: Path): Told => runBegan("Child", path);
export const turn = (number: number, text: string, calls = 0): Told[] => [
  { type: "turn-began", turn: number },
  { type: "turn-ended", turn: number, text, calls, finishReason: calls > 0 ? "tool-calls" : "stop", usage },
];
export const issued = (id: string, path: Path = []): Told => ({
  type: "call-issued",
  id,
  tool: "gate",
  input: { id },
  path,
});
const course = { attempts: 1, startedAt: "2026-01-01T00:00:00.000Z", durationMs: 7, truncated: false };
export const ok = (id: string, path: Path = []): Told => ({
  ...{ type: "call-ended", id, tool: "gate", status: "ok", output: { told: id }, ...course, path },
});
export const failed = (id: string, path: Path = []): Told => ({
  ...{ type: "call-ended", id, tool: "gate", status: "error", error: "No such thing.", ...course, path },
});
/** @param approval its id, by which it is answered. */
export const asked = (id: string, approval = `ap_${id}`, path: Path = []): Told => ({
  ...{ type: "approval-asked", approval, id, part: false, tool: "gate", input: { id }, expiresAt: 99, path },
});
/** A part of a composite's call waits. */
export const partAsked = (id: string, approval: string, input: unknown): Told => ({
  ...{ type: "approval-asked", approval, id, part: true, tool: "inner", input, expiresAt: 99 },
});
export const answered = (
  id: string,
  answer: Omit<Extract<Told, { type: "approval-answered" }>, "type" | "id" | "approval">,
  approval = `ap_${id}`,
): Told => ({ type: "approval-answered", approval, id, ...answer });
/** How a call ends that was not made. */
export const notMade = (id: string, status: "denied" | "expired" | "timeout", path: Path = []): Told => ({
  ...{ type: "call-ended", id, tool: "gate", status, error: `Not called: ${status}.`, path },
  ...{ attempts: 0, startedAt: null, durationMs: 0, truncated: false },
});
export const ended = (answer: unknown, finishReason = "stop", path: Path = []): Told => ({
  ...{ type: "run-ended", answer, finishReason, turns: 2, toolCalls: 2, usage, path },
});

export async function* events(...list: Told[]): AsyncGenerator<RunEvent> {
  for (const event of list) yield { at: 0, path: [], ...event } as RunEvent;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
