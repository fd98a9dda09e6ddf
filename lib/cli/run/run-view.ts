import { askLine, canAsk, userName } from "../confirm.ts";
import { type Live, liveView } from "../drawing/live.ts";
import { sayUnbroken } from "../output.ts";
import { answerQuestion, type Where } from "./approvals.ts";
import { offerToAnswer } from "./offer-to-answer.ts";

/**
 * A view of a run on stderr. Whoever watches at a terminal may answer there what a call waits for.
 * @param where where that is answered, and whether the run's output is wanted `json`, for a program: then nobody is asked.
 */
export function runView({ json, ...where }: Where & { json: boolean }, run: string): Live {
  const live = liveView(process.stderr);
  if (json || !canAsk()) return live;
  const by = userName();
  return offerToAnswer(live, {
    tell: sayUnbroken,
    // Raw input keeps Ctrl-C from whoever ends the watching.
    askLine: (question, signal) =>
      askLine(question, { signal, onInterrupt: () => process.kill(process.pid, "SIGINT") }),
    answer: (id, answer) => answerQuestion(where, { run, id }, { ...answer, by }),
  });
}
