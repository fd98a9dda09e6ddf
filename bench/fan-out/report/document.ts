import { MODEL_MS } from "../workloads.ts";
import type { Results } from "./results.ts";
import { sum } from "./statistics.ts";
import {
  aimsTable,
  contestantsTable,
  cpuTable,
  lambdaTable,
  loadTable,
  longRunsTable,
  rangesTable,
  timesTable,
} from "./tables.ts";

/** The report, RESULTS.md: wholly from the results. */
export function documentOf(results: Results): string {
  const { date, commit, machine, versions, rounds } = results;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Fan-out: results

Written by \`npm run bench:fan-out\` from \`results.json\`. [README.md](README.md) says what is measured, and how.

- ${date}, Fanout at ${commit}
- ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.system}
- ${packages.join(", ")}
- ${rounds} rounds after one to warm up; meanwhile everything else on the machine used ${foreignPercent(results)} % of one core

${contestantsTable(results)}

${tablesOf(results)}
${AFTERWORD}`;
}

/** The report's tables, each under its heading; none for what was not measured. */
export function tablesOf(results: Results): string {
  return [
    aims(results),
    ...(results.race.length > 0 ? [times(results), lambda(results), cpu(results)] : []),
    ...(results.load.length > 0 ? [load(results)] : []),
    ...(results.longRuns.length > 0 ? [longRuns(results)] : []),
  ].join("\n");
}

const aims = (results: Results) => `## What we aim at

${aimsTable(results)}
`;

const times = (results: Results) => `## Wall time

Medians in ms (as multiples of the floor in the same run). W1: N calls of 100 ms in one turn. W2: R turns of 5 calls of 50 ms.
W3: 8 calls of 100 ms, one of them 1,000 ms. Each reply of the model takes ${MODEL_MS} ms, and there is one more reply than turns.

${timesTable(results)}

Least–most, in ms:

${rangesTable(results)}

![Wall time by number of calls](wall-time.svg)

![What a turn takes beyond the floor](turn.svg)
`;

const lambda = (results: Results) => `## What Lambda is asked for

Invocations of the agent's function + of the tool's, kB sent to the agent's (medians).

${lambdaTable(results)}
`;

const cpu = (results: Results) => `## Processor time

ms of all of the benchmark's processes during a run (medians), in steps of 10. The servers of those that wait are in it.

${cpuTable(results)}
`;

const load = (results: Results) => `## Load on the local platform

So many runs at once, each of one turn of 8 calls of 100 ms. Cold: the platform has just started. Again: the same once more.
Rates and times are medians of the rounds. The calls that timed out, the requests that were repeated, the execution environments
(processes) and the memory that these hold each for itself are the worst round's.

${loadTable(results)}

![Runs a second and the slowest runs](load.svg)
`;

const longRuns = (results: Results) => `## Long runs

${results.longRuns[0]?.turns} turns of ${results.longRuns[0]?.calls} calls of 50 ms, in the Lambda stand-in with restate-server's defaults.

${longRunsTable(results)}

![Bytes sent to the agent for each turn](long-run.svg)
`;

const AFTERWORD = `## How to read it

- Compare within one run. Other machines, and other work on this one, give other times.
- The floor loses everything in a crash. What a contestant takes beyond it is the price of being durable and, where tools are
  functions of their own, of calling them.
- In the Lambda stand-in all functions share one process: it shows what code and server take. On the local platform every
  execution environment is a process on the same cores: there, 128 calls at once are 128 processes.
- \`ctx.run\` needs no function for the tool, so it is ahead of what calls one. It has one memory, timeout and set of permissions
  for all tools, and the agent's function runs, and is paid, until the slowest call has ended.
- Times are this machine's. Invocations and bytes are not: they are what Lambda would be asked for.

## Limits

Loopback, one machine, warm but where it says cold. Nothing here shows AWS: no network between the parts, no Lambda start times,
no prices. The results of the calls are tiny. No crash is provoked.
`;

/** How much of one core other programs used while runs were timed. */
function foreignPercent({ race }: Results): string {
  const share = sum(race.flatMap(({ foreignMs }) => foreignMs)) / sum(race.flatMap(({ ms }) => ms));
  return Number.isNaN(share) ? "–" : (share * 100).toFixed(0);
}
