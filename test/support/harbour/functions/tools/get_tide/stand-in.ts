import { defineStandIn, SANDBOX_KEY } from "fanout/sandbox";
import { Hono } from "hono";

const HIGH: Record<string, string> = { Oslo: "06:12", Bergen: "07:03" };

export default defineStandIn({
  provider: "tides",
  env: (url) => ({ TIDES_URL: url, TIDES_KEY: SANDBOX_KEY }),
  app: new Hono().get("/tides/:harbour", (c) => {
    if (c.req.header("authorization") !== `Bearer ${SANDBOX_KEY}`) return c.json({}, 401);
    return c.json({ high: HIGH[c.req.param("harbour")] ?? null });
  }),
});
