import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { atMost, authorized, type Env, jsonOnly } from "./access.ts";
import { answerAs, answerOwn, listApprovals, ofLink, readLinked } from "./approvals.ts";
import { type Authorize, denyAll, type MayAnswer } from "./authorize.ts";
import { beginRun } from "./begin-run.ts";
import { type Bounds, DEFAULT_BOUNDS } from "./bounds.ts";
import { inOpenAiShape } from "./chat-completions/errors.ts";
import { addChatCompletions, type ChatCompletions } from "./chat-completions/index.ts";
import { addConversations } from "./conversations.ts";
import { cancelRun, ofOwnRun, readStatus, streamRun } from "./one-run.ts";
import { resolvePromise } from "./promises.ts";
import { answerTo, tooLarge } from "./refusal.ts";
import { secretOf } from "./secret.ts";
import { createService, type Service } from "./service.ts";

type Agents = readonly { readonly name: string }[];

/** What {@link createRoutes} takes. */
export interface RoutesOptions {
  /** Where Restate is. The token stays here; without the admin API nothing can be cancelled. */
  restate: { ingressUrl: string; token?: string | undefined; adminUrl?: string | undefined };
  /** The contracts of the agents that may be asked, or what says each time which there are. */
  agents: Agents | (() => Promise<Agents>);
  /** Who asks. Default: nobody may. */
  authorize?: Authorize | undefined;
  /**
   * Who may answer the questions of runs whose calls need an approval. It is asked of every answer, the owner's too, so
   * `(_, { subject, owner }) => subject !== owner` is the four-eyes principle. Others than the owner use a question's link.
   * Default: a run's own subject may answer, and nobody else.
   */
  mayAnswer?: MayAnswer | undefined;
  /**
   * Whether agents can be asked as models of OpenAI's API, too: `POST /v1/chat/completions`, `GET /v1/models`. Their clients say what was
   * said before, so what they say of earlier answers and of results of calls may be made up. Default: false.
   */
  chatCompletions?: boolean | ChatCompletions | undefined;
  /**
   * What the ids of runs are signed with, 16 characters at least, the same on every server that serves them. With another one, the
   * ids that were given out are nobody's, and conversations are new ones. Default: for runs made from the token; conversations, which
   * outlive it, are then shared by all servers that call a subject the same.
   */
  secret?: string | undefined;
  /** What is allowed at a time. Default: see {@link Bounds}. */
  bounds?: Partial<Bounds> | undefined;
  /** Gets what went wrong between here and Restate, which users are not told. Default: it is written to stderr. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * The routes by which users reach their runs, for any server that takes an app of Hono or a `fetch` handler:
 *
 * - `POST /runs` with `{ agent, message, …options }`, and an `idempotency-key` if you like: 202 with `{ id }`;
 * - `GET /runs/:id`: how the run stands, and its output; `?wait=<seconds>` waits for its end, 30 s at most;
 * - `GET /runs/:id/events`: what the run tells, as server-sent events; `Last-Event-ID` resumes; `over` is the last one;
 * - `POST /runs/:id/cancel`: asks the run and its calls to end;
 * - `GET /runs/:id/approvals`: its calls that wait until somebody approves them;
 * - `POST /runs/:id/promises/:name` with `{ value }`: resolves what a composite waits for with `waitFor(name)`, once;
 * - `POST /runs/:id/approvals/:approval` with `{ approve, reason?, input? }`: answers one of them. Who answers is the subject;
 * - `POST /conversations/:id` with `{ agent, message, interrupt?, …options }`, and an `idempotency-key` if you like: 202 with the
 *   `{ id }` of the run that answers;
 * - `GET /conversations/:id?agent=…`: what was said, and which run is in progress; `&page=<older>` reads older messages;
 * - `POST /conversations/:id/interrupt` with `{ agent }`: asks the run in progress to end; its `id`, or null;
 * - `POST /conversations/:id/reset` with `{ agent }`: forgets everything; 202 with an `{ id }` to wait for as for a run;
 * - `POST /conversations/:id/fork` with `{ agent, to }`: copies it into a new one;
 * - `GET` and `POST /approvals/:link`: the same for somebody else, who sees the one question only: `mayAnswer` says who may;
 * - with `chatCompletions`, `POST /v1/chat/completions`, `GET /v1/models` and `GET /v1/models/:id`, as OpenAI's API has them.
 *
 * A run belongs to the subject that has begun it: its id is signed, and anybody else's use of it is a 404. A subject's conversations are
 * theirs alone: the same id is another conversation for somebody else. There is no CORS, so
 * no other site's page can use the routes, unless you allow it. Nothing is stored: when a server dies, any other one
 * with the same secret goes on.
 * @throws TypeError where there is neither a token nor a secret, or the secret is too short.
 */
export function createRoutes(options: RoutesOptions): Hono<Env> {
  const { authorize = denyAll, onError = writeError } = options;
  const { ingressUrl: url, token, adminUrl } = options.restate;
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const agents = async () => {
    const all = typeof options.agents === "function" ? await options.agents() : options.agents;
    return all.map(({ name }) => name);
  };
  const service = createService(
    { url, token, adminUrl },
    {
      secret: secretOf("createRoutes", options),
      conversationSecret: options.secret ?? "",
      bounds,
      agents,
      mayAnswer: options.mayAnswer,
      onError,
    },
  );
  const begins = atMost(bounds.runsPerMinute, "new runs");
  const maxSize = bounds.bodyBytes;
  const limit = bodyLimit({ maxSize, onError: (c) => tooLarge(c, maxSize) });

  const app = new Hono<Env>();
  app.onError((error, c) => answerTo(error, c, onError));
  // Of `/runs` too.
  const requests = atMost(bounds.requestsPerMinute, "requests");
  for (const path of ["/runs/*", "/conversations/*", "/approvals/*"])
    app.use(path, authorized(authorize), requests);
  addRuns(app, service, { begins, limit });
  addConversations(app, service, { begins, limit });
  if (options.chatCompletions) {
    app.use("/v1/*", inOpenAiShape, authorized(authorize), requests);
    const { liveText } = options.chatCompletions === true ? {} : options.chatCompletions;
    addChatCompletions(app, service, { liveText, begins, limit });
  }
  app.get("/approvals/:link", ofLink(service, readLinked));
  app.post("/approvals/:link", jsonOnly, limit, ofLink(service, answerAs));
  return app;
}

/** Adds the routes of runs. @param bounds of what begins runs, and of bodies. */
function addRuns(
  app: Hono<Env>,
  service: Service,
  { begins, limit }: Record<"begins" | "limit", MiddlewareHandler<Env>>,
): void {
  app.post("/runs", jsonOnly, begins, limit, (c) => beginRun(service, c));
  app.get("/runs/:id", ofOwnRun(service, readStatus));
  app.get("/runs/:id/events", ofOwnRun(service, streamRun));
  app.post("/runs/:id/cancel", jsonOnly, ofOwnRun(service, cancelRun));
  app.get("/runs/:id/approvals", ofOwnRun(service, listApprovals));
  app.post("/runs/:id/promises/:name", jsonOnly, limit, ofOwnRun(service, resolvePromise));
  app.post("/runs/:id/approvals/:approval", jsonOnly, limit, ofOwnRun(service, answerOwn));
}

// biome-ignore lint/suspicious/noConsole: a server without a log of its own has its stderr.
const writeError = (error: unknown) => console.error(error);
