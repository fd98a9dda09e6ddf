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
