import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/imports.ts";
import { copyProject, type Project } from "../support/project.ts";

// The examples of other agent SDKs, as their README says: each is a project, which one command starts.

/** Bundling another SDK and starting a platform take a while on a busy machine. */
const PATIENCE_MS = 180_000;
const FUNCTIONS = [
  "calculate_metrics",
  "check_eligibility",
  "check_fraud",
  "compare_to_standard_rates",
  "ClaimDesk",
];

let project: Project | undefined;
afterEach(() => project?.remove());

describe.each(["openai-agents", "langchain", "adk"])("examples/%s", (example) => {
  const isInstalled = existsSync(join(ROOT, "examples", example, "node_modules"));

  test.runIf(isInstalled)(
    "answers the claim on the local platform, its three checks on three functions, and compiles",
    async () => {
      project = copyProject(join("examples", example));
      const { code, stdout, stderr } = await project.fanout(["start", "--once"]);
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(
        /Eligibility: covered\.[\s\S]*Standard rates: 3000 is within[\s\S]*Fraud: low risk\./,
      );
      expect(stdout).toContain("calls: 1, all ok");
      for (const name of FUNCTIONS) expect(stdout).toContain(name);
      expect(stdout).toMatch(/Lambda invocations: 7 \(/);
      expect(await project.run("tsc", ["--noEmit"])).toMatchObject({ code: 0, stdout: "" });
    },
    PATIENCE_MS,
  );
});
