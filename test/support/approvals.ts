import { setTimeout as sleep } from "node:timers/promises";
import { isOpen, type Question } from "../../lib/events/index.ts";
import { query } from "../../lib/restate/index.ts";
import type { Cluster } from "./cluster.ts";

/** Answers a question of a run, through the ingress. */
export const answerTo = (cluster: Cluster, run: string, answer: object) =>
  cluster.call(`/restate/call/RunEvents/${run}/answer`, answer);

/** The questions of a run that nobody has answered, without an invocation. */
export async function openIn({ restate: { adminUrl: url } }: Cluster, run: string): Promise<Question[]> {
  const [state] = await query<{ value: string }>(
    { url },
    `SELECT value_utf8 AS value FROM state WHERE service_name = 'RunEvents' AND service_key = '${run}' AND key = 'approvals'`,
  );
  return Object.values(JSON.parse(state?.value ?? "{}") as Record<string, Question>).filter(isOpen);
}

/** The same, when there are that many of them, even across restarts of the server. @returns them by the ids of their calls. */
export async function asked(cluster: Cluster, run: string, count: number): Promise<Map<string, Question>> {
  for (;;) {
    const open = await openIn(cluster, run).catch(() => []);
    if (open.length === count) return new Map(open.map((question) => [question.call ?? "", question]));
    await sleep(30);
  }
}
