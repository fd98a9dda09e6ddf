import type { RunsInFlight } from "../../local/index.ts";

/** How many runs are named at most; the others are counted. */
const MOST_NAMED = 5;

/** What became of the runs that an earlier platform left, and what to do, in lines; none if there were no runs. */
export function describeRuns({ goOn, stuck }: RunsInFlight): string[] {
  const named = goOn.slice(0, MOST_NAMED).map(({ id, service }) => `  ${id} (${service})`);
  const more = goOn.length - named.length;
  return [
    ...(goOn.length > 0
      ? [`${goOn.length === 1 ? "A run goes" : `${goOn.length} runs go`} on:`, ...named]
      : []),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...stuck.slice(0, MOST_NAMED).map(describeStuck),
    ...(stuck.length > MOST_NAMED ? [`… and ${stuck.length - MOST_NAMED} more like it.`] : []),
  ];
}

function describeStuck({ id, service, version }: RunsInFlight["stuck"][number]): string {
  const [name, number] = version?.split(":").slice(-2) ?? [];
  const missing = name === undefined ? "a version of a function" : `version ${number} of ${name}`;
  return `${id} (${service}) began on ${missing}, which is not there any more. To try the newest: npx fanout redrive --resume ${id} --on-latest`;
}
