import type { MiddlewareHandler } from "hono";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Authorize } from "./authorize.ts";

/** What the routes know of a request: whose it is. */
export type Env = { Variables: { subject: string } };

/** Lets in whom `authorize` names. */
export const authorized =
  (authorize: Authorize): MiddlewareHandler<Env> =>
  async (c, next) => {
    const subject = await authorize(c.req.raw);
    if (subject instanceof Response) return subject;
    if (!subject) return c.json({ code: "unauthorized", message: "You are not signed in." }, 401);
    c.set("subject", subject);
    return await next();
  };

/** Lets a subject do something so many times a minute. */
export function atMost(perMinute: number, what: string): MiddlewareHandler<Env> {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (c, next) => {
    try {
      await limiter.consume(c.get("subject"));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      c.header("Retry-After", String(Math.ceil(refusal.msBeforeNext / 1000)));
      return c.json({ code: "too-many", message: `At most ${perMinute} ${what} a minute.` }, 429);
    }
    return await next();
  };
}

/** Other sites' pages cannot send JSON without being asked first (CORS), so no page acts with somebody's cookies. */
export const jsonOnly: MiddlewareHandler = async (c, next) => {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return await next();
  return c.json({ code: "bad-request", message: "Expected content-type application/json." }, 415);
};
