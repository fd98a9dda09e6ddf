import {
  type Approval,
  type ApprovalAnswer,
  ingressRuns,
  type OpenApproval,
  openOf,
  readQuestions,
} from "../../client/index.ts";
import { isOpen, type Question, TOPIC } from "../../events/index.ts";
import { type Admin, query } from "../../restate/index.ts";
import { adminOf, type RunRequest } from "./request.ts";

/** Where runs are answered: the ingress, and the admin API where all runs are looked through. */
export type Where = Pick<RunRequest, "ingressUrl" | "token" | "adminUrl" | "fetch">;

/** A call of some run that waits until somebody approves it. */
export interface WaitingCall extends OpenApproval {
  run: string;
  /** Undefined where only the ingress was asked. */
  agent?: string;
}

/** A question, and the run whose it is. */
export interface FoundQuestion extends Question {
  run: string;
}

/**
 * Lists the calls that wait, the oldest first: of all runs, or of one, for which the ingress is enough. A run that has ended or was
 * killed waits for nobody, whatever it has left behind.
 * @throws Error in plain words when there is no such run, or none can be listed.
 */
export async function readWaiting(where: Where, run?: string): Promise<WaitingCall[]> {
  if (run !== undefined) {
    const open = await ingressOf(where).approvals(run, undefined);
    return open.map((one) => ({ run, ...one }));
  }
  const rows = await readStates(adminIn(where), "i.status <> 'completed'");
  return rows
    .flatMap(({ run, agent, questions }) => openOf(questions).map((one) => ({ run, agent, ...one })))
    .sort((a, b) => a.askedAt - b.askedAt);
}

/** What somebody was asked in a run, and what came of it. Times are ms since the epoch. */
export interface RunApproval
  extends Pick<OpenApproval, "approval" | "call" | "part" | "tool" | "askedAt" | "expiresAt"> {
  /** `over`: nobody waits any more, though nobody has answered. */
  state: "waiting" | "over" | Approval["decision"];
  /** Undefined while nobody has answered. */
  answer?: Approval;
}

/** Reads what somebody was asked in a run, as long as it is kept: until a day after the run. */
export async function readApprovalsOf(admin: Admin, run: string, hasEnded: boolean): Promise<RunApproval[]> {
  const [row] = await readStates(admin, `s.service_key = '${run}'`);
  return (row?.questions ?? []).map((question) => {
    const { id: approval, call, part, tool, askedAt, seconds, answer } = question;
    const unanswered = isOpen(question) && !hasEnded ? "waiting" : "over";
    return {
      approval,
      ...(call !== undefined && { call }),
      part,
      tool,
      askedAt,
      expiresAt: askedAt + seconds * 1000,
      state: answer?.decision ?? unanswered,
      ...(answer && { answer }),
    };
  });
}

/**
 * Finds a question by its id, open or not.
 * @throws Error in plain words when there is none.
 */
export async function findQuestion(where: Where, id: string, run?: string): Promise<FoundQuestion> {
  const found = run === undefined ? await findAnywhere(adminIn(where), id) : await findIn(where, id, run);
  if (found) return found;
  throw new Error(
    `There is no approval "${id}" ${run === undefined ? `at ${where.ingressUrl}` : `in the run ${run}`}. List those that wait with: npx fanout approvals`,
  );
}

/** Answers a question. @throws FanoutError whose message is for people. */
export const answerQuestion = (
  where: Where,
  { run, id: approval }: Pick<FoundQuestion, "run" | "id">,
  answer: ApprovalAnswer,
): Promise<Approval> => ingressOf(where).answer(run, { approval, ...answer }, undefined);

const ingressOf = ({ ingressUrl: url, token, fetch }: Where) => ingressRuns({ url, token, fetch });

function adminIn(where: Where): Admin {
  const admin = adminOf(where);
  if (admin) return admin;
  throw new Error(
    "Which run? Add --run with its id, or --admin-url: the ingress alone knows no list of runs.",
  );
}

async function findIn(
  { ingressUrl: url, token }: Where,
  id: string,
  run: string,
): Promise<FoundQuestion | undefined> {
  const found = (await readQuestions({ url, token }, run, undefined)).find((question) => question.id === id);
  return found && { run, ...found };
}

async function findAnywhere(admin: Admin, id: string): Promise<FoundQuestion | undefined> {
  const rows = await readStates(admin, `s.value_utf8 LIKE '%"${id}"%'`);
  return rows
    .flatMap(({ run, questions }) => questions.map((question) => ({ run, ...question })))
    .find((question) => question.id === id);
}

/**
 * Reads what the runs' objects know, from Restate's introspection tables. It invokes no function.
 * @see https://docs.restate.dev/references/sql-introspection
 */
async function readStates(
  admin: Admin,
  condition: string,
): Promise<{ run: string; agent: string; questions: Question[] }[]> {
  const rows = await query<{ run: string; agent: string; questions: string }>(
    admin,
    `SELECT s.service_key AS run, i.target_service_name AS agent, s.value_utf8 AS questions
     FROM state s JOIN sys_invocation i ON i.id = s.service_key
     WHERE s.service_name = '${TOPIC}' AND s.key = 'approvals' AND ${condition}`,
  );
  return rows.map((row) => ({ ...row, questions: Object.values(JSON.parse(row.questions)) }));
}
