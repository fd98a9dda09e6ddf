import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LambdaHost, startLambdaHost } from "./host.ts";
import type { Spec } from "./spec.ts";

let folder: string;
let host: LambdaHost;
const dataDir = () => join(folder, "data");
const start = async (settings: Record<string, string> = {}) => {
  const environment = { WHO: "the host" };
  host = await startLambdaHost({ functions: [], dataDir: dataDir(), environment, settings: () => settings });
};
const restart = async (settings?: Record<string, string>) => {
  await host.stop();
  await start(settings);
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fanout-store-"));
  await start();
});
afterEach(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

/** A function that answers with a word of its code's, where that runs from, and a declared variable. */
function spec(word: string): Spec {
  const codeDir = join(folder, word);
  mkdirSync(codeDir);
  const code = `export const handler = async () => ["${word}", import.meta.dirname, process.env.WHO];`;
  writeFileSync(join(codeDir, "index.mjs"), code);
  const environment = { WHO: "nobody" };
  return { name: "f", codeDir, handler: "index.handler", memoryMb: 256, timeoutSeconds: 20, environment };
}

const ask = (path: string, method = "GET", body?: object) =>
  fetch(`${host.url}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
const invoke = async (version: string): Promise<string[]> =>
  (await ask(`/2015-03-31/functions/f:${version}/invocations`, "POST", {})).json() as Promise<string[]>;
const configuration = async () => (await ask("/2015-03-31/functions/f/configuration")).json();

test("another host in the same folder goes on with every version, whose code runs from elsewhere", async () => {
  host.publish(spec("one"));
  host.publish(spec("two"));
  const before = [host.versions(), await configuration()];
  rmSync(join(folder, "one"), { recursive: true });
  await restart();
  expect([host.versions(), await configuration()]).toEqual(before);
  expect(host.stats().functions).toHaveProperty("f");
  const [word, runsFrom = "", who] = await invoke("1");
  expect([word, who]).toEqual(["one", "the host"]);
  // In a project's folder, code would find the packages that its bundle lacks.
  expect(runsFrom.startsWith(folder)).toBe(false);
  expect(host.publish(spec("three"))).toBe("3");
});

test("a version of an earlier host gets a person's values as they are now; they are not written down", async () => {
  const code = spec("whose");
  writeFileSync(join(code.codeDir, "index.mjs"), "export const handler = async () => [process.env.WHOSE];");
  await restart({ WHOSE: "yesterday's secret" });
  host.publish({ ...code, settings: ["WHOSE"], environment: { WHOSE: "" } });
  await restart({ WHOSE: "today's" });
  expect(await invoke("1")).toEqual(["today's"]);
  expect(readFileSync(join(dataDir(), "functions.json"), "utf8")).not.toMatch(/secret"|today's/);
});

test("what operators change is kept: configuration, versions, concurrency, deletions", async () => {
  host.publish(spec("one"));
  await ask("/2015-03-31/functions/f/configuration", "PUT", { MemorySize: 300 });
  await expect.poll(async () => (await ask("/2015-03-31/functions/f/versions", "POST", {})).status).toBe(201);
  await ask("/2017-10-31/functions/f/concurrency", "PUT", { ReservedConcurrentExecutions: 7 });
  await ask("/2019-09-30/functions/f/provisioned-concurrency?Qualifier=2", "PUT", {
    ProvisionedConcurrentExecutions: 1,
  });
  await ask("/2015-03-31/functions/f?Qualifier=1", "DELETE");
  await restart();
  expect(host.versions().map((arn) => arn.split(":").at(-1))).toEqual(["2"]);
  expect(await configuration()).toMatchObject({ MemorySize: 300 });
  expect(await (await ask("/2019-09-30/functions/f/concurrency")).json()).toEqual({
    ReservedConcurrentExecutions: 7,
  });
  const provisioned = await ask("/2019-09-30/functions/f/provisioned-concurrency?Qualifier=2");
  expect(await provisioned.json()).toMatchObject({ RequestedProvisionedConcurrentExecutions: 1 });
});

test("code goes with the last version that needs it; numbers are not given again", async () => {
  host.publish(spec("one"));
  host.publish(spec("two"));
  const [first, second] = host.versions() as [string, string];
  const kept = () => readdirSync(join(dataDir(), "code/f"));
  expect(kept().sort()).toEqual(["1", "2"]);
  host.remove(new Set([first]));
  expect(kept()).toEqual(["2"]);
  host.remove(new Set([second]));
  expect(kept()).toEqual([]);
  await restart();
  expect(host.versions()).toEqual([]);
  expect(host.publish(spec("three"))).toBe("3");
});

test("a list that cannot be read, or code that is missing, is an error that names the list", async () => {
  host.publish(spec("one"));
  await host.stop();
  const file = join(dataDir(), "functions.json");
  const message = `${file} should list the Lambda host's functions`;
  renameSync(join(dataDir(), "code/f/1"), join(dataDir(), "code/f/2"));
  await expect(start()).rejects.toThrow(message);
  expect(existsSync(join(dataDir(), "code/f/2/index.mjs")), "nothing is changed").toBe(true);
  writeFileSync(file, "{");
  await expect(start()).rejects.toThrow(message);
  rmSync(file);
  await start();
});
