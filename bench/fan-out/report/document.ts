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

/** The report: RESULTS.md, wholly from the results. */
export function documentOf(results: Results): string {
  const { date, commit, machine, versions, rounds } = results;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Fan-out: results

Written by \`npm run bench:fan-out\` from \`results.json\`; see [README.md](README.md) for what is measured and how.

${date}, Fanout ${commit}. ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.system}. ${rounds} rounds after
one to warm up. Everything else on the machine used ${foreignPercent(results)} % of one core during the race.

${packages.join(", ")}.

${contestantsTable(results)}

${measuredIn(results)}
${AFTERWORD}`;
}

/** The report's tables, each under its heading. */
export function measuredIn(results: Results): string {
  return `## What we aim at

${aimsTable(results)}

## Wall time

Medians in ms (as multiples of the floor in the same run). W1: N calls of 100 ms in one turn. W2: R turns of 5 calls
of 50 ms. W3: 8 calls of 100 ms, one of them 1,000 ms. Each reply of the model takes ${MODEL_MS} ms, and there is one more reply than turns.

${timesTable(results)}

Least–most, in ms:

${rangesTable(results)}

![Wall time by number of calls](wall-time.svg)

![What a turn takes beyond the floor](turn.svg)

## What it costs on Lambda

Invocations of the agent's function + of the tool's, kB sent to the agent's (medians).

${lambdaTable(results)}

## Processor time

ms of all of the benchmark's processes during a run (medians), in steps of 10. The servers of those that wait are in it.

${cpuTable(results)}

## Load on the local platform

So many runs at once of one turn with 8 calls of 100 ms. Cold: the platform has just started. Again: the same once more. Times
and rates are medians of the rounds; the calls that timed out and the requests that were repeated are the worst round's, as are the
processes of execution environments and the memory that these hold each for itself.

${loadTable(results)}

![Runs a second and the slowest runs](load.svg)

## Long runs

50 turns of 8 calls of 50 ms, in the Lambda stand-in with restate-server's defaults.

${longRunsTable(results)}

![Bytes sent to the agent for each turn](long-run.svg)
`;
}

const AFTERWORD = `## How to read it

- Compare within one row or column of one run. Other machines, and other loads on this one, give other times.
- The floor loses everything in a crash. What a contestant takes beyond it is the price of being durable, and of calling a
  function where others call a closure.
- In the Lambda stand-in all functions share one process: it shows what the code and the server take. On the local platform every
  execution environment is a process on the same cores: there 128 calls at once are 128 processes.
- \`ctx.run\` per call needs no function for the tool, so it is ahead of what calls one. It has one memory, timeout and set of
  permissions for all tools, and one Lambda function that is paid while the slowest call runs.
- Times are this machine's. Invocations and bytes are not: they are what Lambda would be asked for.

## Limits

Loopback, one machine, warm but where it says cold. Nothing here shows AWS: no network between the parts, no Lambda start times,
no prices. The results of the calls are tiny. No crash is provoked; that finished calls are not lost is tested elsewhere.
`;

/** How much of one core other programs used while runs were timed. */
function foreignPercent({ race }: Results): string {
  const share = sum(race.flatMap(({ foreignMs }) => foreignMs)) / sum(race.flatMap(({ ms }) => ms));
  return Number.isNaN(share) ? "–" : (share * 100).toFixed(0);
}
