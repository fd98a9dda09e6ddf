import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./support/imports.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

test("the README shows the contract of the sample that is an existing Lambda function", () => {
  expect(read("README.md")).toContain(`\`\`\`ts\n${read("functions/tools/convert_units/tool.ts")}\`\`\`\n`);
});
