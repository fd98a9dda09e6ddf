import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainLambdas } from "./plain-lambdas.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "fanout-lambdas-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const add = (folder: string, file = "index.ts") => {
  mkdirSync(join(directory, folder));
  writeFileSync(join(directory, folder, file), "");
};

test("every folder is a function, named after it and the stage", () => {
  for (const folder of ["convert-units", "lookUp_2"]) add(folder);
  writeFileSync(join(directory, "README.md"), "");
  expect(plainLambdas(directory, "prod")).toEqual({
    "fanout-lambda-convert-units-prod": join(directory, "convert-units/index.ts"),
    "fanout-lambda-lookUp_2-prod": join(directory, "lookUp_2/index.ts"),
  });
});

test("without the folder there are no functions", () => {
  expect(plainLambdas(directory, "dev")).toEqual({});
  expect(plainLambdas(join(directory, "none"), "dev")).toEqual({});
});

test.each([
  ["half", "index.js", /half lacks index\.ts\./],
  ["con vert", "index.ts", /expected letters, digits, - and _/],
  ["a".repeat(47), "index.ts", /at most 64 in "fanout-lambda-a+-dev", which has 65/],
])("a problem of the folder %s is named", (folder, file, problem) => {
  add(folder, file);
  expect(() => plainLambdas(directory, "dev")).toThrow(problem);
});
