import { defineStandIn, type Words } from "fanout/sandbox";
import { Hono } from "hono";
import tool from "./tool.ts";

/** What was requested, by idempotency key. */
const requests = new Map<string, object>();

/** How the offline model finds a call in what somebody says, and tells what came of it. A real model needs none of this. */
const words: Words = {
  example: "Request leave from 2027-05-06 to 2027-05-07.",
  find: (question) => {
    const match = /\bleave\b.*?(\d{4}-\d\d-\d\d)\D+(\d{4}-\d\d-\d\d)/i.exec(question);
    if (!match) return [];
    const [{ length }, from, to] = match;
    return [{ at: match.index, length, input: { from, to } }];
  },
  say: ({ from, to }, result) => {
    const { data } = tool.output.safeParse(result);
    return data && `Leave from ${from} to ${to} is requested: ${data.id}.`;
  },
};

/** Answers in place of the leave system on a laptop and in tests. */
export default defineStandIn({
  provider: "leave",
  env: (url) => ({ LEAVE_URL: url }),
  app: new Hono()
    .post("/requests", async (c) => {
      const key = c.req.header("Idempotency-Key") ?? "";
      requests.set(key, requests.get(key) ?? { id: `leave-${requests.size + 1}`, ...(await c.req.json()) });
      return c.json(requests.get(key));
    })
    .get("/requests", (c) => c.json([...requests.values()])),
  words,
});
