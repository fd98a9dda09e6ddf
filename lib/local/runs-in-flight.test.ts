import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { functionArn } from "../lambda-host/index.ts";
import { type Loopback, serveOnLoopback } from "../sandbox/index.ts";
import type { App } from "./app.ts";
import { Fingerprints } from "./fingerprints.ts";
import { checkDeployed, takeUpRuns } from "./runs-in-flight.ts";

/** What Restate knows. A deployment's id is its function and version. */
let restate: { deployments: string[]; live: string[]; unfinished: object[]; takenOver: object[] };
/** The versions that the Lambda host has. */
let versions: string[];
let admin: Loopback;
beforeEach(async () => {
  restate = { deployments: [], live: [], unfinished: [], takenOver: [] };
  versions = [];
  admin = await serveOnLoopback(
    new Hono()
      .get("/deployments", (c) =>
        c.json({ deployments: restate.deployments.map((id) => ({ id, arn: arn(id), services: [] })) }),
      )
      .delete("/deployments/:id", (c) => {
        restate.deployments = restate.deployments.filter((id) => id !== c.req.param("id"));
        return c.body(null, 202);
      })
      .get("/services", (c) =>
        c.json({ services: restate.live.map((id) => ({ name: "s", deployment_id: id, public: false })) }),
      )
      .post("/query", async (c) => {
        const { query } = await c.req.json<{ query: string }>();
        return c.json({ rows: query.includes("created_at <") ? restate.takenOver : restate.unfinished });
      }),
  );
});
afterEach(() => admin.stop());

const arn = (id: string) => functionArn(...(id.split("@") as [string, string]));
const lambda = {
  versions: () => versions.map(arn),
  remove: (arns: ReadonlySet<string>) => {
    versions = versions.filter((id) => !arns.has(arn(id)));
  },
};
const appOf = (services: string[], plain: string[] = []): App => ({
  functions: [...services, ...plain].map((name) => ({ name }) as App["functions"][number]),
  registrations: services.map((functionName) => ({ functionName, private: true })),
});
const takeUp = (app: App) => takeUpRuns({ admin, lambda, app }, new Date());

test("versions stay for the runs that began on them, and are removed after the last one", async () => {
  versions = ["agent@1", "agent@2", "agent@3", "tool@1", "plain@1", "plain@2"];
  restate.deployments = ["agent@1", "agent@2", "agent@3", "tool@1"];
  restate.live = ["agent@3", "tool@1"];
  restate.unfinished = [
    { id: "inv_1", service: "Agent", deployment: "agent@2" },
    { id: "inv_2", service: "tool", deployment: "tool@1" },
    { id: "inv_3", service: "Agent" },
  ];
  restate.takenOver = ["inv_0", "inv_1", "inv_3"].map((id) => ({ id, service: "Agent" }));
  expect(await takeUp(appOf(["agent", "tool"], ["plain"]))).toEqual({
    goOn: restate.takenOver,
    stuck: [],
  });
  expect(versions).toEqual(["agent@2", "agent@3", "tool@1", "plain@2"]);
  expect(restate.deployments).toEqual(["agent@2", "agent@3", "tool@1"]);
});

test("a function that the app no longer has stays while any run might call it", async () => {
  versions = ["agent@1", "gone@1"];
  restate.deployments = restate.live = ["agent@1", "gone@1"];
  restate.unfinished = [{ id: "inv_1", service: "Agent", deployment: "agent@1" }];
  await takeUp(appOf(["agent"]));
  expect(versions).toEqual(["agent@1", "gone@1"]);
  restate.unfinished = [];
  await takeUp(appOf(["agent"]));
  expect(versions).toEqual(["agent@1"]);
  expect(restate.deployments).toEqual(["agent@1"]);
});

test("a run whose version no longer exists is named, with the version", async () => {
  versions = ["agent@2"];
  restate.deployments = ["agent@1", "agent@2"];
  restate.live = ["agent@2"];
  restate.unfinished = [
    { id: "inv_1", service: "Agent", deployment: "agent@1" },
    { id: "inv_2", service: "Agent", deployment: "forgotten@1" },
  ];
  restate.takenOver = restate.unfinished;
  expect(await takeUp(appOf(["agent"]))).toEqual({
    goOn: [],
    stuck: [
      { id: "inv_1", service: "Agent", version: arn("agent@1") },
      { id: "inv_2", service: "Agent", version: undefined },
    ],
  });
});

test("what was removed from Restate or from the host is no longer in use", async () => {
  versions = ["kept@1", "forgotten@1", "deleted@1", "plain@1"];
  restate.deployments = ["kept@1", "deleted@2"];
  restate.live = ["kept@1", "deleted@2"];
  const fingerprints = new Fingerprints();
  const names = ["kept", "forgotten", "deleted", "plain", "lost"];
  for (const name of names) fingerprints.set(name, "x");
  const app = appOf(["kept", "forgotten", "deleted"], ["plain", "lost"]);
  await checkDeployed({ admin, lambda, app }, fingerprints);
  expect(names.filter((name) => fingerprints.of(name))).toEqual(["kept", "plain"]);
});
