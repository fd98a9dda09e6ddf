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
    expect([...new Set(installs)]).toEqual(["npm ci --ignore-scripts"]);
  });
});

describe("a deployment", () => {
  const [before = "", check = "", deploy = ""] = read(".github/workflows/deploy.yml").split(
    /^ {2}(?:check|deploy):$/m,
  );
  const stepsOf = (job: string) =>
    [...job.matchAll(/^ {6}- (?:run|uses): (.+)/gm)].map(([, step = ""]) => step.replace(/@\S+ #/, ""));

  test("is synthesised before it has a role, and what was synthesised is what is deployed, as by hand", () => {
    expect(stepsOf(deploy)).toEqual([
      "actions/checkout v5.1.0",
      "actions/setup-node v5.0.0",
      "npm ci --ignore-scripts",
      'npx cdk synth --quiet --app "node bin/app.ts"',
      "aws-actions/configure-aws-credentials v5.1.1",
      "npm run deploy -- --yes --assembly cdk.out",
    ]);
    expect(JSON.parse(read("package.json")).scripts.deploy).toBe("node bin/fanout.ts deploy");
  });

  test("waits for the checks, which run where no role can be had", () => {
    expect(deploy).toMatch(/^ {4}needs: check$/m);
    expect(stepsOf(check).slice(3)).toEqual([
      "npm run lint",
      "npm run types",
      "npm run sync -- --check",
      "npm run test:unit",
    ]);
    expect(before).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    expect(before + check).not.toContain("id-token");
    expect(deploy).toMatch(/^ {4}permissions:\n {6}contents: read\n {6}id-token: write\n {4}\w/m);
  });

  test("uses the environment that the role trusts, and no stored secret", () => {
    expect(deploy).toMatch(/^ {4}environment: \$\{\{ inputs\.stage \}\}$/m);
    expect(read(".github/workflows/deploy.yml")).not.toContain("secrets.");
  });

  test("puts no input into a script", () => {
    for (const step of stepsOf(check + deploy)) expect(step).not.toContain("${{");
  });
});

describe("a release", () => {
  const release = read(".github/workflows/release.yml");
  const [before = "", publish = ""] = release.split(/^ {2}publish:$/m);

  test("comes after the checks, from a tag that is the version, with npm's trust in place of a token", () => {
    expect(release).toMatch(/^on:\n {2}push:\n {4}tags: \["v\*"\]$/m);
    expect(publish).toMatch(/^ {4}needs: check$/m);
    expect(before).not.toContain("id-token");
    expect(release).not.toContain("secrets.");
    const version = publish.indexOf('test "$GITHUB_REF_NAME" = "v$(npm pkg get version');
    expect(version).toBeGreaterThan(publish.indexOf("npm run build"));
    expect(publish.indexOf("npm publish")).toBeGreaterThan(version);
  });
});
