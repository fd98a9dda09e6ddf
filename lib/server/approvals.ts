import type { Context } from "hono";
import * as z from "zod";
import { FanoutError, readQuestions } from "../client/index.ts";
import type { Question } from "../events/index.ts";
import type { Env } from "./access.ts";
import type { AnswerRequest } from "./authorize.ts";
import type { OwnRun } from "./one-run.ts";
import { badRequest, conflict, mayNot, noSuchApproval } from "./refusal.ts";
import type { AskedOf } from "./run-id.ts";
import { readBody } from "./run-request.ts";
import { type Service, soon } from "./service.ts";

/** As long as who answers may be called. */
const MAX_NAME_LENGTH = 200;

/** What an answer may say. Who answers is known already. */
const answerBody = z.strictObject({
  approve: z.boolean(),
  reason: z.string().max(2_000).optional(),
  input: z.record(z.string(), z.unknown()).optional(),
});

/** `GET /runs/:id/approvals`: the open ones, each with the link by which others may answer, if any may. */
export async function listApprovals(
  { runs, ids, mayAnswer }: Service,
  c: Context<Env>,
  { run }: OwnRun,
): Promise<Response> {
  const owner = c.get("subject");
  const open = await runs.approvals(run, soon(c));
  if (!mayAnswer) return c.json(open);
  return c.json(open.map((one) => ({ ...one, link: ids.link({ owner, run, approval: one.approval }) })));
}

/** `POST /runs/:id/approvals/:approval`. */
export const answerOwn = (service: Service, c: Context<Env>, { run }: OwnRun): Promise<Response> =>
  answerAs(service, c, { owner: c.get("subject"), run, approval: c.req.param("approval") ?? "" });

/** Makes a route of what is done with a question by its link. Without anybody who may, there is no such question. */
export const ofLink =
  (
    service: Service,
    work: (service: Service, c: Context<Env>, asked: AskedOf) => Promise<Response>,
  ): ((c: Context<Env>) => Promise<Response>) =>
  async (c) => {
    const asked = service.mayAnswer && service.ids.readLink(c.req.param("link") ?? "");
    return asked ? await work(service, c, asked) : noSuchApproval(c);
  };

/** `GET /approvals/:link`: the question, and nothing else of its run. */
export async function readLinked(service: Service, c: Context<Env>, asked: AskedOf): Promise<Response> {
  const question = await questionOf(service, c, asked);
  if (!question) return noSuchApproval(c);
  const refusal = await refusalOf(service, c, asked, question);
  if (refusal) return refusal;
  const open = (await service.runs.approvals(asked.run, soon(c))).find(
    ({ approval }) => approval === asked.approval,
  );
  return open ? c.json(open) : conflict(c, "Nobody waits for this approval any more.");
}

/** `POST /approvals/:link`, and the same of one's own run. */
export async function answerAs(service: Service, c: Context<Env>, asked: AskedOf): Promise<Response> {
  const read = readBody(answerBody, await c.req.text());
  if ("problem" in read) return badRequest(c, read.problem);
  const { body: answer } = read;
  if (service.mayAnswer) {
    const question = await questionOf(service, c, asked);
    if (!question) return noSuchApproval(c);
    const refusal = await refusalOf(service, c, asked, question, answer);
    if (refusal) return refusal;
  }
  const { run, approval } = asked;
  const by = c.get("subject").slice(0, MAX_NAME_LENGTH);
  try {
    return c.json(await service.runs.answer(run, { ...answer, approval, by }, soon(c)));
  } catch (error) {
    if (!(error instanceof FanoutError)) throw error;
    if (error.code === "answered") return conflict(c, error.message);
    if (error.code === "bad-request") return badRequest(c, error.message);
    if (error.code === "not-found") return noSuchApproval(c);
    throw error;
  }
}

async function questionOf(
  { restate }: Service,
  c: Context<Env>,
  { run, approval }: AskedOf,
): Promise<Question | undefined> {
  return (await readQuestions(restate, run, soon(c))).find(({ id }) => id === approval);
}

/** @returns undefined where the one who asks may. */
async function refusalOf(
  { mayAnswer }: Service,
  c: Context<Env>,
  asked: AskedOf,
  { tool, input }: Question,
  answer?: AnswerRequest["answer"],
): Promise<Response | undefined> {
  const subject = c.get("subject");
  const verdict = await mayAnswer?.(c.req.raw, { ...asked, subject, tool, input, ...(answer && { answer }) });
  if (verdict instanceof Response) return verdict;
  return verdict === true ? undefined : mayNot(c);
}
