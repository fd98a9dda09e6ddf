import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LambdaFunction, UPDATE_MS } from "./lambda-function.ts";
import type { Pool } from "./pool.ts";
import type { Spec } from "./spec.ts";

let folder: string;
let spec: Spec;
let fn: LambdaFunction;
/** What was retired, as `version@memory`. */
let retired: string[];

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "fanout-versions-"));
  writeFileSync(join(folder, "index.mjs"), "");
  spec = {
    name: "f",
    codeDir: folder,
    handler: "index.handler",
    memoryMb: 256,
    timeoutSeconds: 3,
    environment: { A: "1", B: "2" },
  };
  retired = [];
  fn = new LambdaFunction("f", `${folder}-copies`, ({ memoryMb }, version) => {
    const retire = () => retired.push(`${version}@${memoryMb}`);
    return { retire } as unknown as Pool;
  });
  fn.deploy(spec);
});
afterEach(() => {
  vi.useRealTimers();
  for (const path of [folder, `${folder}-copies`]) rmSync(path, { recursive: true, force: true });
});

const numbers = () => fn.versions.map(({ version }) => version);

test("until a change of the configuration is through, another change and a publication are conflicts", () => {
  fn.updateConfiguration({ memoryMb: 512 }, {});
  expect(fn.updating).toBe(true);
  const conflict = { type: "ResourceConflictException" };
  expect(() => fn.updateConfiguration({ memoryMb: 1024 }, {})).toThrow(expect.objectContaining(conflict));
  expect(() => fn.publish(undefined, {})).toThrow(expect.objectContaining(conflict));
  vi.advanceTimersByTime(UPDATE_MS);
  expect(fn.updating).toBe(false);
  expect(fn.publish(undefined, {})).toMatchObject({ version: "2", spec: { memoryMb: 512 } });
});

test("a change retires the environments of $LATEST only", () => {
  fn.updateConfiguration({ memoryMb: 512 }, {});
  expect(retired).toEqual(["$LATEST@256"]);
});

test("a change back to what was published last is nothing new to publish", () => {
  for (const change of [{ memoryMb: 512 }, { memoryMb: 256, environment: { B: "2", A: "1" } }]) {
    fn.updateConfiguration(change, {});
    vi.advanceTimersByTime(UPDATE_MS);
  }
  expect(fn.publish(undefined, {}).version).toBe("1");
});

test("a description of its own belongs to the published version only, and is no change", () => {
  fn.updateConfiguration({ memoryMb: 512 }, {});
  vi.advanceTimersByTime(UPDATE_MS);
  expect(fn.publish("as tuned", {}).description).toBe("as tuned");
  expect(fn.find()?.description).toBe("");
  expect(fn.publish("again", {})).toMatchObject({ version: "2", description: "as tuned" });
});

test("what was published last and is deleted is published again, under a new number", () => {
  fn.deleteVersion("1");
  expect(fn.publish(undefined, {}).version).toBe("2");
  expect(numbers()).toEqual(["$LATEST", "2"]);
});

test("a publication gives $LATEST a new revision", () => {
  const before = fn.find()?.revisionId;
  fn.deploy(spec);
  const { revisionId = "" } = fn.find() ?? {};
  expect(revisionId).not.toBe(before);
  expect(() => fn.updateConfiguration({ memoryMb: 512 }, { revisionId: before })).toThrow(
    /revision of function f is .*; the request expects/,
  );
  fn.updateConfiguration({ memoryMb: 512 }, { revisionId });
});

test("numbers go on after the deletion of the newest version and of the whole function", () => {
  fn.deploy(spec);
  fn.deleteVersion("2");
  expect(fn.newest).toBe("1");
  expect(fn.deploy(spec).version).toBe("3");
  fn.deleteAll();
  expect(numbers()).toEqual([]);
  expect(fn.deploy(spec).version).toBe("4");
  expect(numbers()).toEqual(["$LATEST", "4"]);
});

test("code that is no folder takes no number and changes nothing", () => {
  expect(() => fn.deploy({ ...spec, codeDir: "/nowhere" })).toThrow("should be a folder: /nowhere");
  expect(numbers()).toEqual(["$LATEST", "1"]);
  expect(fn.deploy(spec).version).toBe("2");
});
