import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkProject } from "./check-project.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-upgrade-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const complaints = (kit = { name: "fanout", version: "9.8.7", peers: {} }) =>
  checkProject(root, { kit })
    .filter(({ level }) => level !== "ok")
    .map(({ check, text, advice }) => ({ check, text, advice }));

test("a project that fits is told which kit and which Node it runs with", () => {
  write("bin/app.ts", 'import { synthesise } from "fanout/stack";\n');
  expect(checkProject(root, { kit: { name: "fanout", version: "9.8.7", peers: {} } })).toEqual([
    { check: "kit", level: "ok", text: `fanout 9.8.7, Node ${process.versions.node}` },
  ]);
});

describe("a line that an older kit needed is shown with its place and what to do", () => {
  test.each([
    [
      "bin/fanout.ts",
      ["#!/usr/bin/env node", "const exitCode = await runCommandLine("],
      "bin/fanout.ts:2",
      /^The command finds the project by itself: remove bin\/fanout\.ts/,
    ],
    [
      "bin/app.ts",
      ['import { join } from "node:path";', "", 'import cdk from "../cdk.json" with { type: "json" };'],
      "bin/app.ts:3",
      /^The kit has CDK's feature flags: remove this import/,
    ],
    [
      "functions/tools/roll_dice/tool.ts",
      ['import { defineTool } from "../../../lib/tool/index.ts";'],
      "functions/tools/roll_dice/tool.ts:1",
      /^The kit is a package: import it by its names/,
    ],
  ])("%s", (file, lines, place, advice) => {
    write(file, `${lines.join("\n")}\n`);
    expect(complaints()).toEqual([
      {
        check: place,
        text: `since fanout 0.2.0: ${lines.at(-1)}`,
        advice: expect.stringMatching(advice),
      },
    ]);
  });

  test("and what is no line of the project's own is left alone", () => {
    write("functions/tools/node_modules/x/a.ts", 'import "../../../lib/tool/index.ts";\n');
    write("bin/fanout.ts", '#!/usr/bin/env node\nimport "fanout/cli";\n');
    expect(complaints()).toEqual([]);
  });
});

test("a package that is missing, or not what the kit asks for, is named with the command that installs it", () => {
  write("node_modules/aws-cdk-lib/package.json", '{ "version": "2.1.0" }');
  write("node_modules/zod/package.json", '{ "version": "4.6.9" }');
  const peers = {
    "aws-cdk-lib": { range: "^2.276.0", optional: false },
    zod: { range: "^4.6.7", optional: false },
    constructs: { range: "^10.8.1", optional: false },
    typescript: { range: ">=5.8", optional: true },
  };
  expect(complaints({ name: "fanout", version: "9.8.7", peers })).toEqual([
    {
      check: "aws-cdk-lib",
      text: "is 2.1.0; expected ^2.276.0",
      advice: 'npm install "aws-cdk-lib@^2.276.0"',
    },
    {
      check: "constructs",
      text: "is not installed; expected ^10.8.1",
      advice: 'npm install "constructs@^10.8.1"',
    },
  ]);
});

test("the kit's own repository is no project that could be out of date", () => {
  write("package.json", '{ "name": "fanout" }');
  write("test/agent.test.ts", 'import { runAgent } from "../lib/agent/index.ts";\n');
  expect(complaints()).toEqual([]);
});
