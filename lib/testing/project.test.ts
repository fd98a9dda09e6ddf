import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProject, loadStandIns } from "./project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fanout-testing-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the project is the nearest folder upwards with package.json and functions", () => {
  mkdirSync(join(folder, "functions/tools"), { recursive: true });
  expect(() => findProject(join(folder, "functions"))).toThrow(`There is no project at or above ${folder}`);
  writeFileSync(join(folder, "package.json"), "{}");
  for (const from of [folder, join(folder, "functions/tools")]) expect(findProject(from)).toBe(folder);
});

test("a project without a roster of stand-ins has none", async () => {
  expect(await loadStandIns(folder)).toEqual({});
});
