import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOwnSettings } from "./environment.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-settings-"));
});
afterAll(() => rmSync(root, { recursive: true }));

test("the environment counts without a .env, and takes precedence over one", () => {
  expect(readOwnSettings(root, { A: "mine" })).toEqual({ A: "mine" });
  writeFileSync(join(root, ".env"), '# mine\nA=file\nexport B="two words"\nC=file\n');
  expect(readOwnSettings(root, { A: "mine", C: "" })).toEqual({ A: "mine", B: "two words", C: "" });
});
