import type { Answer, Approval, Question } from "../events/index.ts";
import { FanoutError } from "./error.ts";
import type { IngressAddress } from "./ingress.ts";
import { askRunObject } from "./run-object.ts";
import { outcomeOf } from "./run-outcome.ts";

/** A call that waits until somebody approves it. Times are ms since the epoch. */
export interface OpenApproval {
  /** The id to answer with. */
  approval: string;
  /** The model's id of the call. */
  call?: string | undefined;
  /** Whether it is a part of that call that waits, and not the call itself. */
  part: boolean;
  /** The name of the tool that the model wants to call. */
  tool: string;
  /** What with. */
  input: unknown;
  /** JSON Schema of the input. */
  schema?: unknown;
  /** When it was asked, ms since the epoch. */
  askedAt: number;
  /** Until when it waits, ms since the epoch. */
  expiresAt: number;
  /** How others answer it, through routes that let them: `/approvals/<link>`. It says whose run it is. */
  link?: string;
}

/** What somebody says to a call that waits. */
export interface ApprovalAnswer {
  /** Whether the call is made; false denies it. */
  approve: boolean;
  /** For the model to read, if the call is denied. At most 2000 characters. */
  reason?: string | undefined;
  /** What the call is given in place of the model's input. */
  input?: Record<string, unknown> | undefined;
  /** Who answers. The routes of `fanout/server` say so themselves, and ignore it. */
  by?: string | undefined;
}

/** What became of a question: the answer that counts. */
export type { Approval };

/** The questions of a run that wait for an answer, in the order in which they were asked; none of a run that is over. */
export async function readOpenApprovals(
  ingress: IngressAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<OpenApproval[]> {
  // A run that was killed leaves its questions behind.
  const { state } = await outcomeOf(ingress, run, signal);
  return state === "running" ? openOf(await readQuestions(ingress, run, signal)) : [];
}

/** Those of a run's questions that nobody has answered, and that somebody still waits for. */
export const openOf = (questions: readonly Question[]): OpenApproval[] =>
  questions.filter(isOpen).map(({ id, call, part, tool, input, schema, seconds, askedAt }) => ({
    approval: id,
    ...(call !== undefined && { call }),
    part,
    tool,
    input,
    ...(schema !== undefined && { schema }),
    askedAt,
    expiresAt: askedAt + seconds * 1000,
  }));

const isOpen = ({ answer, over }: Question) => answer === undefined && over === undefined;

/** All questions of a run, those that are over without their inputs. @throws FanoutError */
export const readQuestions = (
  ingress: IngressAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<Question[]> => askRunObject(ingress, { run, handler: "approvals", parameter: undefined, signal });

/**
 * Answers a question of a run. The same answer twice is one, so it is safe to repeat.
 * @returns the answer that counts.
 * @throws FanoutError `not-found`; `answered` when it was answered otherwise or nobody waits any more; `bad-request` for an input
 *   that does not fit.
 */
export async function answerApproval(
  ingress: IngressAddress,
  run: string,
  { approval, approve, reason, input, by }: ApprovalAnswer & { approval: string },
  signal: AbortSignal | undefined,
): Promise<Approval> {
  const { state } = await outcomeOf(ingress, run, signal);
  if (state !== "running") await refuseUnheard(ingress, run, approval, signal);
  const parameter: Answer = { approval, approve, reason, input, by };
  return await askRunObject(ingress, { run, handler: "answer", parameter, signal });
}

/** The object of a run that was killed does not know that nobody hears it. */
async function refuseUnheard(
  ingress: IngressAddress,
  run: string,
  approval: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const questions = await readQuestions(ingress, run, signal);
  if (!questions.some((question) => question.id === approval && isOpen(question))) return;
  const message = "Nobody waits for this approval any more: the run is over.";
  throw new FanoutError("answered", message, { status: 409 });
}
