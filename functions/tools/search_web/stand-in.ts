import { defineStandIn, SANDBOX_KEY } from "fanout/sandbox";
import { Hono } from "hono";
import * as z from "zod";
import pages from "./stand-in/pages.json" with { type: "json" };
import { words } from "./stand-in/words.ts";

const body = z.object({ query: z.string(), max_results: z.int().min(0).max(20).optional() });

/** What Tavily sends with every error. */
const refusal = (error: string) => ({ detail: { error } });

/** Tavily's search over sample pages; any key is good. @see https://docs.tavily.com/documentation/api-reference/endpoint/search */
export default defineStandIn({
  provider: "tavily",
  latencyMs: 600,
  env: (url) => ({ TAVILY_URL: url, TAVILY_API_KEY: SANDBOX_KEY }),
  trouble: (status) =>
    refusal(
      status === 429 ? "Your request has been blocked due to excessive requests." : "Internal Server Error",
    ),
  app: new Hono().post("/search", async (c) => {
    if (!/^Bearer \S/.test(c.req.header("authorization") ?? "")) {
      return c.json(refusal("Unauthorized: missing or invalid API key."), 401);
    }
    const asked = body.safeParse(await c.req.json().catch(() => undefined)).data;
    if (!asked) return c.json(refusal("Expected a query, and at most 20 results."), 400);
    const { query, max_results } = asked;
    const found = pages.find(({ pattern }) => new RegExp(pattern, "i").test(query));
    const results = found?.results.slice(0, max_results) ?? [];
    return c.json({ query, answer: null, images: [], results, response_time: 0 });
  }),
  words,
});
