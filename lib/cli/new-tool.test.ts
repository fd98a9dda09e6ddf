import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toolFiles } from "./new-tool.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

test.each(["tool.ts", "handler.ts"] as const)("the README shows the %s that a person gets", (file) => {
  expect(README).toContain(`\`\`\`ts\n${toolFiles("roll_dice")[file]}\`\`\`\n`);
});
