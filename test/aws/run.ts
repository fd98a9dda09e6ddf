import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { defaults } from "../../bin/defaults.ts";
import { ROOT } from "../support/imports.ts";
import { journey } from "./journey.ts";
import { type Facts, plan, report } from "./report.ts";
import { shellIn } from "./shell.ts";
import { breakTool, copyProject, missing, remains, staged } from "./surroundings.ts";
import { travel } from "./travel.ts";

// `npm run test:aws`: the life of a deployment on real AWS and Restate, with the documentation's commands, and a report to keep.

const environment = process.env;
const { values: flags } = parseArgs({
  options: {
    report: { type: "string", default: join(ROOT, "test/aws/report.md") },
    keep: { type: "boolean", default: false },
  },
});

const say = (text: string) => process.stdout.write(`${text}\n`);

const lacking = await missing(environment);
if (lacking.length > 0) say(plan(stepsIn(ROOT).steps, lacking));
else process.exitCode = await run();

function stepsIn(root: string) {
  const shell = shellIn(root, staged(environment));
  const question = defaults.smokeQuestion ?? "What can you do?";
  const surroundings = {
    shell,
    question,
    remains: () => remains(environment),
    breakTool: (name: string) => breakTool(root, name),
  };
  return { shell, steps: journey(surroundings) };
}

async function run(): Promise<0 | 1> {
  const root = copyProject();
  const { shell, steps } = stepsIn(root);
  const stop = new AbortController();
  process.on("SIGINT", () => {
    if (stop.signal.aborted) return say("\nIt is destroying what it has made.");
    stop.abort();
    shell.interrupt();
  });
  const facts = readFacts();
  const results = await travel(steps, {
    stop: stop.signal,
    keep: flags.keep,
    begin: ({ name, does }) => say(`\n== ${name}: ${does}`),
  });
  rmSync(dirname(root), { recursive: true, force: true });
  const text = report(facts, results);
  say(`\n${text}`);
  writeFileSync(flags.report, text);
  say(`Written to ${flags.report}.`);
  return results.every(({ outcome }) => outcome === "ok") ? 0 : 1;
}

function readFacts(): Facts {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const { stdout: commit } = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return {
    at: new Date().toISOString(),
    versions: {
      commit: commit?.trim() || "unknown",
      Node: process.versions.node,
      "aws-cdk": devDependencies["aws-cdk"] ?? "",
    },
    target: environment.FANOUT_TARGET ?? "",
    region: environment.FANOUT_REGION || environment.AWS_REGION || "of the AWS profile",
  };
}
