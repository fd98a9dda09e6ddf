import { Hono } from "hono";
import type { Faults } from "./faults.ts";

/**
 * The sandbox's own endpoints: `GET` and `PUT /faults`, `GET` and `PUT /faults/<upstream>`, `GET /requests`.
 * A `PUT` sets the upstreams it names; fields it leaves out go back to their defaults. A mistake is answered with 400 and the valid names.
 */
export function controlEndpoints(faults: Faults): Hono {
  return new Hono()
    .onError((error, c) => c.json({ error: error.message }, error instanceof TypeError ? 400 : 500))
    .get("/faults", (c) => c.json(faults.all()))
    .put("/faults", async (c) => {
      const body = jsonObject(await c.req.text());
      // All or nothing: a mistake must not leave half of the faults set.
      for (const name of Object.keys(body)) faults.get(name);
      const before = faults.all();
      try {
        for (const [name, fault] of Object.entries(body)) faults.set(name, fault);
      } catch (error) {
        for (const [name, fault] of Object.entries(before)) faults.set(name, fault);
        throw error;
      }
      return c.json(faults.all());
    })
    .get("/faults/:upstream", (c) => c.json(faults.get(c.req.param("upstream"))))
    .put("/faults/:upstream", async (c) => {
      const name = c.req.param("upstream");
      // An unknown name is reported before a wrong body.
      faults.get(name);
      return c.json(faults.set(name, jsonObject(await c.req.text())));
    })
    .get("/requests", (c) => c.json(faults.requests()));
}

function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TypeError("expected JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("expected a JSON object");
  }
  return value as Record<string, unknown>;
}
