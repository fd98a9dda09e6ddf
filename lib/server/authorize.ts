/**
 * Says who asks: a subject, such as a user's id, which sees its own runs only; or nobody (undefined), or an answer of one's own.
 * It is asked for each request.
 */
export type Authorize = (
  request: Request,
) => string | Response | undefined | Promise<string | Response | undefined>;

/** Nobody may do anything until somebody has said who may. */
export const denyAll: Authorize = () =>
  Response.json(
    {
      code: "unauthorized",
      message:
        "Nobody may use these routes yet: createRoutes expects `authorize`, which gets the request and returns the user's id.",
    },
    { status: 401 },
  );

/** Who would see or answer what. */
export interface AnswerRequest {
  /** Who asks. */
  subject: string;
  /** Whose run it is. */
  owner: string;
  /** The run's id as logs and `fanout show` have it. */
  run: string;
  approval: string;
  tool: string;
  /** What the model wants to call the tool with; null when the question is over. */
  input: unknown;
  /** What the subject answers; undefined where they want to see the question. */
  answer?: { approve: boolean; reason?: string | undefined; input?: Record<string, unknown> | undefined };
}

/**
 * Says whether somebody may answer a question: true, or not (false, or an answer of one's own). The request's body has been read.
 */
export type MayAnswer = (
  request: Request,
  asked: AnswerRequest,
) => boolean | Response | Promise<boolean | Response>;
