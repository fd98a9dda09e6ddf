import { describe, expect, test } from "vitest";
import { Places } from "./bounds.ts";
import { createRoutes } from "./routes.ts";

const restate = { ingressUrl: "http://127.0.0.1:1" };

describe("the secret that ids are signed with", () => {
  test.each([
    [undefined, undefined, "neither it nor a token"],
    ["short", "token", "got 5"],
  ])("%s, with token %s, is refused", (secret, token, words) => {
    expect(() => createRoutes({ restate: { ...restate, token }, agents: [], secret })).toThrow(words);
  });

  test("is made from the token where there is none", () => {
    expect(() => createRoutes({ restate: { ...restate, token: "t" }, agents: [] })).not.toThrow();
  });
});

test("every route asks who is there first, also where there is no route", async () => {
  const routes = createRoutes({ restate: { ...restate, token: "t" }, agents: [] });
  for (const [method, path] of [
    ["POST", "/runs"],
    ["POST", "/runs/"],
    ["GET", "/runs"],
    ["GET", "/runs/x"],
    ["GET", "/runs/x/events"],
    ["POST", "/runs/x/cancel"],
    ["GET", "/runs/x/approvals"],
    ["POST", "/runs/x/approvals/y"],
    ["GET", "/conversations/x"],
    ["POST", "/conversations/x"],
    ["POST", "/conversations/x/interrupt"],
    ["POST", "/conversations/x/reset"],
    ["POST", "/conversations/x/fork"],
    ["GET", "/approvals/x"],
    ["POST", "/approvals/x"],
    ["DELETE", "/runs/x/y/z"],
  ] as const)
    expect([path, (await routes.request(path, { method })).status]).toEqual([path, 401]);
});

test("requests are counted by subject, and the answer says when to come again", async () => {
  const routes = createRoutes({
    restate: { ...restate, token: "t" },
    agents: [],
    authorize: (request) => request.headers.get("x-user") ?? undefined,
    bounds: { requestsPerMinute: 2 },
  });
  const ask = (user: string) => routes.request("/runs/x", { headers: { "x-user": user } });
  expect([(await ask("ann")).status, (await ask("ann")).status]).toEqual([404, 404]);
  const refused = await ask("ann");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ask("bob")).status).toBe(404);
});

test("places are bounded by subject and in all, and each is given back once", () => {
  const places = new Places({ streams: 3, streamsPerSubject: 2 });
  const [first, second] = [places.take("ann"), places.take("ann")];
  expect([first, second, places.take("ann")]).toEqual([
    expect.any(Function),
    expect.any(Function),
    undefined,
  ]);
  expect(places.take("bob")).toBeDefined();
  expect(places.take("eve")).toBeUndefined();
  first?.();
  first?.();
  expect(places.take("eve")).toBeDefined();
  expect(places.take("ann")).toBeUndefined();
});
