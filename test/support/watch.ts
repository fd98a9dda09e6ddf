import { readEvents } from "../../lib/client/index.ts";
import type { Pulled, RunEvent } from "../../lib/events/index.ts";
import type { Cluster } from "./cluster.ts";

export type Seen = RunEvent & { position: number };

/** Asks once for a run's events from a position on. */
export async function pull(
  cluster: Cluster,
  run: string,
  offset?: number,
): Promise<Pulled & { status: number }> {
  const { status, body } = await cluster.call(`/restate/call/RunEvents/${run}/pull`, { offset });
  return { status, ...(body as Pulled) };
}

/** Reads a run's events until its last, as they come. @param onEvent sees each one. */
export async function watch(
  cluster: Cluster,
  run: string,
  onEvent: (event: RunEvent) => void = () => {},
  from = 0,
): Promise<Seen[]> {
  const events: Seen[] = [];
  for await (const { position, event } of readEvents({ url: cluster.restate.ingressUrl }, run, {
    after: from,
  })) {
    onEvent(event);
    events.push({ ...event, position });
  }
  return events;
}

/** An event in short: its type, whose it is, and the call that it is about. */
export function brief(event: RunEvent): string {
  const place = [...event.path, ...("id" in event ? [event.id] : [])].join("/");
  const status = "status" in event ? event.status : "";
  return [event.type, place, status].filter((part) => part !== "").join(" ");
}
