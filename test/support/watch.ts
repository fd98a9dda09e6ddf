import { setTimeout as sleep } from "node:timers/promises";
import type { Pulled, RunEvent } from "../../lib/events/index.ts";
import type { Cluster } from "./cluster.ts";

export type Seen = RunEvent & { position: number };

const LAST = /^run-(ended|failed|cancelled)$/;

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
  for (let offset = from; ; ) {
    const pulled = await pull(cluster, run, offset).catch(async (error) => {
      // The server may be dying: a reader asks again.
      if (!(error instanceof TypeError)) throw error;
      await sleep(50);
    });
    if (!pulled || pulled.status === 408) continue;
    const { status, messages, nextOffset } = pulled;
    if (status !== 200) throw new Error(`pull answered ${status}`);
    for (const event of messages) onEvent(event);
    events.push(...messages.map((event, index) => ({ ...event, position: offset + index })));
    if (messages.some(({ type, path }) => path.length === 0 && LAST.test(type))) return events;
    offset = nextOffset;
  }
}

/** An event in short: its type, whose it is, and the call that it is about. */
export function brief(event: RunEvent): string {
  const place = [...event.path, ...("id" in event ? [event.id] : [])].join("/");
  const status = "status" in event ? event.status : "";
  return [event.type, place, status].filter((part) => part !== "").join(" ");
}
