import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LambdaHost, type Spec, startLambdaHost } from "../lambda-host/index.ts";
import { serveOnLoopback } from "../sandbox/index.ts";
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

test("four services are registered at the same time, and no more, however many there are", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
  for (const name of names) write(`${name}/index.mjs`, "1");
  let inFlight = 0;
  const counts: number[] = [];
  const waiting: (() => void)[] = [];
  // Each answers when four of them are here.
  const app = new Hono().post("/deployments", async (c) => {
    counts.push(++inFlight);
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 4) for (const answer of waiting.splice(0)) answer();
    });
    inFlight--;
    return c.json({ id: "dp", services: [] });
  });
  const admin = await serveOnLoopback(app);
  try {
    const registering = new Deployer({ lambda, admin, scopes: false });
    const deployed = await registering.deploy({
      functions: names.map((name) => spec(name)),
      registrations: names.map((name) => ({ functionName: name, service: name, private: true })),
    });
    expect(deployed.map(({ name }) => name)).toEqual(names);
    expect(Math.max(...counts)).toBe(4);
  } finally {
    await admin.stop();
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
