import type { Question } from "../../lib/events/approvals.ts";
import type { Cluster } from "./cluster.ts";

/** Answers a question of a run, through the ingress. */
export const answerTo = (cluster: Cluster, run: string, answer: object) =>
  cluster.call(`/restate/call/RunEvents/${run}/answer`, answer);

/** The questions of a run that nobody has answered. */
export async function openIn(cluster: Cluster, run: string): Promise<Question[]> {
  const response = await fetch(`${cluster.restate.ingressUrl}/restate/call/RunEvents/${run}/approvals`, {
    method: "POST",
  });
  const questions = (await response.json()) as Question[];
  return questions.filter(({ answer, over }) => !answer && !over);
}

/** The same, when there are that many of them. @returns them by the ids of their calls. */
export async function asked(cluster: Cluster, run: string, count: number): Promise<Map<string, Question>> {
  for (;;) {
    const open = await openIn(cluster, run);
    if (open.length === count) return new Map(open.map((question) => [question.call ?? "", question]));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
