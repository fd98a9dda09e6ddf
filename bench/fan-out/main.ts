import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { CONTESTANTS } from "./contestants.ts";
import { endAll } from "./harness/at-end.ts";
import { setUpStage } from "./harness/stage.ts";
import { load } from "./measure/load.ts";
import { longRuns } from "./measure/long-runs.ts";
import { makePlan, type Plan } from "./measure/plan.ts";
import { say } from "./measure/progress.ts";
import { race } from "./measure/race.ts";
import { documentOf, tablesOf } from "./report/document.ts";
import { plotsOf } from "./report/plots.ts";
import { type Results, toJson, withCircumstances } from "./report/results.ts";

interface Options {
  only?: string[];
  workloads?: string[];
  rounds: number;
  check?: boolean;
  report?: boolean;
  results?: string;
}

/** Links to plots, which a terminal cannot show. */
const PLOTS = /^!\[.*\n\n?/gm;

const list = (text: string) => text.split(",");
const command = new Command("npm run bench:fan-out --")
  .description("Measures Fanout beside other ways to run an agent's tool calls in parallel.")
  .option("--only <ids>", `contestants: ${CONTESTANTS.map(({ id }) => id).join(",")}`, list)
  .option("--workloads <names>", 'names or their first words, such as W1,"W2 R=10"; and load, long', list)
  .option("--rounds <number>", "counted rounds of the race", toCount, 5)
  .option("--check", "does everything once and little of it, and writes nothing")
  .option("--report", "measures nothing: writes the report from the results again")
  .option(
    "--results <file>",
    "where the results go, with the report beside them (default: results.json here, of a whole run only)",
  )
  .parse();

/** Measures what the plan says. */
async function measure(plan: Plan): Promise<Results> {
  const stage = await setUpStage();
  const { contestants, rounds } = plan;
  return withCircumstances({
    contestants,
    rounds,
    race: plan.workloads.length > 0 ? await race(stage, plan) : [],
    load: await load(stage, plan),
    longRuns: plan.longRunRounds > 0 ? await longRuns(stage, plan) : [],
  });
}

async function bench(options: Options): Promise<void> {
  const named = options.results && resolve(process.env.INIT_CWD ?? "", options.results);
  const file = named ?? join(import.meta.dirname, "results.json");
  if (options.report) return writeReport(file);
  const isWhole = !options.only && !options.workloads;
  // Otherwise a folder that is not there would be found missing after everything is measured.
  if (named) mkdirSync(dirname(named), { recursive: true });

  const results = await measure(makePlan({ ...options, quick: options.check }));
  if (options.check) {
    await reportOf(results);
    process.stdout.write("Everything ran, and every answer was right.\n");
    return;
  }
  process.stdout.write(tablesOf(results).replace(PLOTS, ""));
  if (!named && !isWhole) return;
  writeFileSync(file, toJson(results));
  await writeReport(file);
  say(`wrote ${file}, and RESULTS.md and its plots beside it`);
}

/** Writes the report beside a file of results, from nothing but that file. */
async function writeReport(file: string): Promise<void> {
  const report = await reportOf(JSON.parse(readFileSync(file, "utf8")));
  for (const [name, text] of Object.entries(report)) writeFileSync(join(dirname(file), name), text);
}

/** The report's files by name. */
async function reportOf(results: Results): Promise<Record<string, string>> {
  return { "RESULTS.md": documentOf(results), ...(await plotsOf(results)) };
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Expected a number from 1.");
}

const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => reject(new Error(`ended by ${signal}`)));
});
try {
  await Promise.race([bench(command.opts()), interrupted]);
} catch (error) {
  process.stderr.write(`The benchmark failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await endAll();
}
process.exit();
