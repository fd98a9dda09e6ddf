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

const DEV = { project: "fanout", stage: "dev" };

test("every folder is a function, named after it, the project and the stage", () => {
  for (const folder of ["convert-units", "lookUp_2"]) add(folder);
  writeFileSync(join(directory, "README.md"), "");
  expect(plainLambdas(directory, { project: "fanout", stage: "prod" })).toEqual({
    "fanout-lambda-convert-units-prod": join(directory, "convert-units/index.ts"),
    "fanout-lambda-lookUp_2-prod": join(directory, "lookUp_2/index.ts"),
  });
  const [name] = Object.keys(plainLambdas(directory, { project: "billing", stage: "pr-17" }));
  expect(name).toBe("billing-lambda-convert-units-pr-17");
});

test("without the folder there are no functions", () => {
  expect(plainLambdas(directory, DEV)).toEqual({});
  expect(plainLambdas(join(directory, "none"), DEV)).toEqual({});
});

test.each([
  ["half", "index.js", /half lacks index\.ts\./],
  ["con vert", "index.ts", /expected letters, digits, - and _/],
  ["a".repeat(47), "index.ts", /at most 64 in "fanout-lambda-a+-dev", which has 65/],
])("a problem of the folder %s is named", (folder, file, problem) => {
  add(folder, file);
  expect(() => plainLambdas(directory, DEV)).toThrow(problem);
});
