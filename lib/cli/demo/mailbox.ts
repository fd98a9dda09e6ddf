import { Hono } from "hono";
import { defineStandIn } from "../../sandbox/index.ts";

/** Where the demo's tool sends its notes. It recognises a repeated note by its id. */
export class Mailbox {
  readonly #deliveries = new Map<string, number>();

  readonly standIn = defineStandIn({
    provider: "mailbox",
    env: (url) => ({ MAILBOX_URL: url }),
    app: new Hono().put("/notes/:id", (c) => {
      const id = c.req.param("id");
      this.#deliveries.set(id, (this.#deliveries.get(id) ?? 0) + 1);
      return c.json({ id });
    }),
  });

  /** How often each note was delivered. */
  deliveries(): number[] {
    return [...this.#deliveries.values()];
  }
}
