import { Hono } from "hono";
import { expect, test } from "vitest";
import { serveOnLoopback } from "../../sandbox/index.ts";
import { waitingFetch } from "./waiting-fetch.ts";

const start = () =>
  serveOnLoopback(
    new Hono()
      .get("/restate/health", (c) => c.body(null))
      .post("/echo", async (c) => c.json(await c.req.json()))
      .post("/broken", (c) => c.text("No.", 500)),
  );

const said = (text: string) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(text),
});

/** Waits for a server that is nowhere, until it is said where it is. */
function waiting(url: string, stop = new AbortController()) {
  const told: string[] = [];
  let found: string | undefined;
  const urlNow = () => {
    if (found === undefined) throw new Error("There is none.");
    return found;
  };
  const tell = (line: string) => void told.push(line);
  const find = (at: string) => {
    found = at;
  };
  return { fetch: waitingFetch({ url, urlNow, stop: stop.signal, tell }), told, find, stop };
}

test("requests wait together for a server that is away, and are asked again where it is then", async () => {
  const first = await start();
  const { fetch, told, find } = waiting(first.url);
  const ask = async (text: string) => (await fetch(`${first.url}/echo`, said(text))).json();
  expect(await ask("one")).toBe("one");
  await first.stop();
  const both = Promise.all([ask("two"), ask("three")]);
  await expect.poll(() => told).toEqual([`${first.url} does not answer. Waiting for it.`]);
  const second = await start();
  find(second.url);
  expect(await both).toEqual(["two", "three"]);
  expect(await ask("four")).toBe("four");
  expect(told).toEqual([`${first.url} does not answer. Waiting for it.`, `${second.url} answers again.`]);
  await second.stop();
});

test("a time limit that passes while the server is away does not count", async () => {
  const gone = await start();
  await gone.stop();
  const { fetch, told, find } = waiting(gone.url);
  const limit = new AbortController();
  const asked = fetch(`${gone.url}/echo`, { ...said("one"), signal: limit.signal });
  await expect.poll(() => told).toHaveLength(1);
  limit.abort();
  const back = await start();
  find(back.url);
  expect(await (await asked).json()).toBe("one");
  await back.stop();
});

test("a server's errors are answers, and whoever stops waits no longer", async () => {
  const server = await start();
  const { fetch, told, stop } = waiting(server.url);
  expect((await fetch(`${server.url}/broken`, said("one"))).status).toBe(500);
  await server.stop();
  const asked = fetch(`${server.url}/echo`, said("one"));
  await expect.poll(() => told).toHaveLength(1);
  stop.abort();
  await expect(asked).rejects.toThrow("aborted");
});
