import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openData } from "./data.ts";
import { restateServerVersion } from "./restate/binary.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fanout-data-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The data that a platform leaves after it has deployed something. */
function deployed(): void {
  const data = openData(folder);
  for (const part of [data.restate, data.lambda]) mkdirSync(part);
  writeFileSync(join(data.lambda, "functions.json"), '{"functions":[]}');
  data.fingerprints.set("f", "x");
  data.taken();
}

test("the first platform finds no data; the next one finds what is deployed and which version wrote it", () => {
  expect(openData(folder).writtenBy).toBeUndefined();
  deployed();
  const { writtenBy, fingerprints } = openData(folder);
  expect(writtenBy).toBe(restateServerVersion());
  expect(fingerprints.of("f")).toBe("x");
});

test.each(["restate", "lambda", "lambda/functions.json"])(
  "data without %s is refused, with what to do about it",
  (part) => {
    deployed();
    rmSync(join(folder, part), { recursive: true });
    expect(() => openData(folder)).toThrow(/data is not whole: there is no .*\n.*: npx fanout up --fresh$/);
  },
);

test.each(["deployed.json", "lambda/functions.json"])(
  "a damaged %s is refused, with what to do about it",
  (part) => {
    deployed();
    writeFileSync(join(folder, part), "{");
    expect(() => openData(folder)).toThrow(/data is damaged: .*\n.*: npx fanout up --fresh$/);
  },
);
