import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LambdaHost, type Spec, startLambdaHost } from "../lambda-host/index.ts";
import { Deployer } from "./deploy.ts";
import { Fingerprints } from "./fingerprints.ts";

let folder: string;
let lambda: LambdaHost;
let deployer: Deployer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fanout-deploy-"));
  lambda = await startLambdaHost({ functions: [] });
  // These functions are not services, so Restate is not asked.
  deployer = new Deployer({ lambda, admin: { url: "http://nowhere.invalid" }, scopes: false });
});
afterEach(async () => {
  await lambda.stop();
  rmSync(folder, { recursive: true });
});

const write = (file: string, text: string) => {
  mkdirSync(join(folder, file, ".."), { recursive: true });
  writeFileSync(join(folder, file), text);
};
function spec(name: string, more: Partial<Spec> = {}): Spec {
  const codeDir = join(folder, name);
  return {
    name,
    codeDir,
    handler: "index.handler",
    memoryMb: 256,
    timeoutSeconds: 20,
    environment: {},
    ...more,
  };
}
const deploy = (...functions: Spec[]) => deployer.deploy({ functions, registrations: [] });

test("a function gets a new version when its code changes, and other functions do not", async () => {
  write("a/index.mjs", "1");
  write("b/index.mjs", "1");
  expect(await deploy(spec("a"), spec("b"))).toEqual([
    { name: "a", version: "1" },
    { name: "b", version: "1" },
  ]);
  write("a/index.mjs", "2");
  expect(await deploy(spec("a"), spec("b"))).toEqual([{ name: "a", version: "2" }]);
  write("b/data/more.json", "{}");
  expect(await deploy(spec("a"), spec("b"))).toEqual([{ name: "b", version: "2" }]);
  expect(lambda.arn("a", "1")).toMatch(/:a:1$/);
});

test.each<[string, Partial<Spec>]>([
  ["memory", { memoryMb: 512 }],
  ["timeout", { timeoutSeconds: 30 }],
  ["environment", { environment: { MODEL: "openai/other" } }],
  ["concurrency", { reservedConcurrency: 2 }],
])("a function gets a new version when its %s changes", async (_, more) => {
  write("a/index.mjs", "1");
  await deploy(spec("a"));
  expect(await deploy(spec("a", more))).toEqual([{ name: "a", version: "2" }]);
  expect(await deploy(spec("a", more))).toEqual([]);
});

test("the Lambda host is told which variables a function takes from the settings, but not their digest", async () => {
  write("a/index.mjs", "1");
  const published: object[] = [];
  const publish = (spec: Spec) => `${published.push(spec)}`;
  const watched = new Deployer({
    lambda: { publish, arn: lambda.arn },
    admin: { url: "" },
    scopes: false,
  });
  const declared = { env: ["A_URL"], secrets: ["A_KEY"] };
  const app = (settingsDigest: string) => ({
    functions: [{ ...spec("a"), declared, settingsDigest }],
    registrations: [],
  });
  for (const digest of ["x", "x", "y"]) await watched.deploy(app(digest));
  expect(published).toEqual(Array(2).fill({ ...spec("a"), settings: ["A_URL", "A_KEY"] }));
});

test("the same code in another folder is not a change", async () => {
  write("a/index.mjs", "1");
  await deploy(spec("a"));
  cpSync(join(folder, "a"), join(folder, "elsewhere"), { recursive: true });
  expect(await deploy(spec("a", { codeDir: join(folder, "elsewhere") }))).toEqual([]);
});

test("what an earlier platform deployed is not deployed again", async () => {
  const fingerprints = () => new Fingerprints(join(folder, "deployed.json"));
  const deployWith = (known: Fingerprints, ...functions: Spec[]) =>
    new Deployer({ lambda, admin: { url: "" }, scopes: false, fingerprints: known }).deploy({
      functions,
      registrations: [],
    });
  write("a/index.mjs", "1");
  write("b/index.mjs", "1");
  await deployWith(fingerprints(), spec("a"), spec("b"));
  write("b/index.mjs", "2");
  expect(await deployWith(fingerprints(), spec("a"), spec("b"))).toEqual([{ name: "b", version: "2" }]);
  const known = fingerprints();
  known.keepOnly((name) => name !== "a");
  expect(await deployWith(known, spec("a"), spec("b"))).toEqual([{ name: "a", version: "2" }]);
});

test("the first time all are registered at once; later agents come after their tools, which come together", async () => {
  const [TOOLS, ALL] = [
    ["tool1", "tool2"],
    ["agent", "tool1", "tool2"],
  ];
  // Registrations wait for each other: those of a group go on when all of it have come.
  let groups = [ALL];
  const arrived: string[] = [];
  const gates = new Map<string[], PromiseWithResolvers<void>>();
  const app = new Hono()
    .post("/deployments", async (c) => {
      const { arn } = await c.req.json<{ arn: string }>();
      const name = arn.split(":").at(-2) as string;
      arrived.push(name);
      const group = groups.find((names) => names.includes(name)) as string[];
      const gate = gates.get(group) ?? Promise.withResolvers();
      gates.set(group, gate);
      if (group.every((one) => arrived.includes(one))) gate.resolve();
      await gate.promise;
      return c.json({ id: name, services: [{ name }] });
    })
    .patch("/services/:name", (c) => c.json({}));
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const admin = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const registrations = ALL.map((functionName) => ({ functionName, private: functionName !== "agent" }));
  deployer = new Deployer({ lambda, admin, scopes: false });
  const deployAll = (code: string) => {
    for (const name of ALL) write(`${name}/index.mjs`, code);
    return deployer.deploy({ functions: ALL.map((name) => spec(name)), registrations });
  };
  try {
    expect(await deployAll("1")).toHaveLength(3);
    groups = [TOOLS, ["agent"]];
    arrived.length = 0;
    await deployAll("2");
    expect(arrived.slice(0, 2).sort()).toEqual(TOOLS);
    expect(arrived.slice(2)).toEqual(["agent"]);
  } finally {
    server.close();
  }
});

test("nothing is published once its signal has aborted", async () => {
  write("a/index.mjs", "1");
  deployer = new Deployer({
    lambda,
    admin: { url: "" },
    scopes: false,
    signal: AbortSignal.abort(new Error("over")),
  });
  await expect(deploy(spec("a"))).rejects.toThrow("over");
  expect(() => lambda.arn("a")).toThrow('Unknown function "a"');
});
