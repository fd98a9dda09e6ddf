import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./support/imports.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe.each(globSync(".github/workflows/*.yml", { cwd: ROOT }))("%s", (path) => {
  test("takes every action at a commit, and keeps no token in the checkout", () => {
    const actions = [...read(path).matchAll(/uses: (.+)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(1);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(read(path)).toContain("persist-credentials: false");
  });

  test("runs no install script", () => {
    const script = read(path).includes(".ci/run") ? read(".ci/run") : read(path);
    const installs = [...script.matchAll(/npm (?:ci|install|i)\b.*/g)].map(([command]) => command);
    expect(installs).toEqual(["npm ci --ignore-scripts"]);
  });
});

test("a deployment is synthesised before it has a role, and what was synthesised is what is deployed", () => {
  const steps = [...read(".github/workflows/deploy.yml").matchAll(/^ {6}- (?:run|uses): (\S+ \S+ \S+)/gm)];
  expect(steps.map(([, step]) => step?.replace(/@\S+ #/, ""))).toEqual([
    "actions/checkout v5.1.0",
    "actions/setup-node v5.0.0",
    "npm ci --ignore-scripts",
    "npx cdk synth",
    "aws-actions/configure-aws-credentials v5.1.1",
    "npx cdk diff",
    "npx cdk deploy",
  ]);
  expect(read(".github/workflows/deploy.yml")).toContain("npx cdk deploy --app cdk.out ");
});
