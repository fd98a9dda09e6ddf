import type { Shell } from "./shell.ts";

/** One step: the documentation's own commands, and what has to be seen. */
export interface Step {
  name: string;
  /** What it does, with its commands. */
  does: string;
  /** What AWS and the model's provider bill for it. */
  costs: string;
  /** @returns what was seen. @throws Error saying what was expected, and what was seen. */
  run(): Promise<string>;
}

/** What the steps need of the machine and of AWS. */
export interface Surroundings {
  shell: Shell;
  /** Everything at AWS and Restate that belongs to the deployment, a line each. */
  remains(): Promise<string[]>;
  /** Makes a tool's code fail when it is loaded. @returns what puts it right again. */
  breakTool(name: string): () => void;
  question: string;
}

/** A call of a run, as `fanout ask --json` prints it. */
interface Call {
  tool: string;
  status: string;
  startedAt?: string;
  durationMs: number;
}

const MEMORY_MB = 1024;
const DEPLOY = ["npm", "run", "deploy", "--", "--yes"] as const;
const NO_COST = "nothing";
const ONE_RUN = "one run: about $0.0001 for Lambda, and what the model costs";

/** The life of a deployment, from nothing to nothing. The last step destroys what the second one made. */
export function journey(surroundings: Surroundings): Step[] {
  // The tool that the parallel run called is the one that is broken and scaled.
  const called = { tool: "" };
  return [
    emptiness(surroundings),
    deployment(surroundings, "deploy", "preflight, differences, deployment, examination, smoke run"),
    parallelRun(surroundings, called),
    failedUpdate(surroundings, called),
    rollback(surroundings),
    deployment(surroundings, "redeploy", "the code that was live before"),
    scaling(surroundings, called),
    destruction(surroundings),
  ];
}

const emptiness = ({ remains }: Surroundings): Step => ({
  name: "nothing is there",
  does: "lists functions, log groups and registrations, and goes on only if there are none",
  costs: NO_COST,
  run: async () => nothing(await remains()),
});

const deployment = ({ shell }: Surroundings, name: string, what: string): Step => ({
  name,
  does: `npm run deploy -- --yes: ${what}`,
  costs: ONE_RUN,
  async run() {
    await shell.run(...DEPLOY);
    return "deployed; the smoke run went well";
  },
});

const parallelRun = (surroundings: Surroundings, called: { tool: string }): Step => ({
  name: "a parallel run",
  does: `npx fanout ask --json "${surroundings.question}": two or more calls, at work at the same time`,
  costs: ONE_RUN,
  async run() {
    const calls = await ask(surroundings);
    called.tool = calls[0]?.tool ?? "";
    const overlap = overlapMs(calls);
    expected(overlap > 0, `two calls at the same time, got ${words(calls)}`);
    return `${words(calls)}; at work at the same time for ${overlap} ms`;
  },
});

const failedUpdate = ({ shell, breakTool }: Surroundings, called: { tool: string }): Step => ({
  name: "a failed update",
  does: "makes a tool's code throw when it is loaded, and runs npm run deploy -- --yes, which has to fail",
  costs: "nothing but a few requests",
  async run() {
    const repair = breakTool(called.tool);
    const { code } = await shell.attempt(...DEPLOY).finally(repair);
    expected(code !== 0, "a deployment that fails, and it succeeded");
    return `the deployment of a broken ${called.tool} failed with exit code ${code}`;
  },
});

const rollback = (surroundings: Surroundings): Step => ({
  name: "the rollback",
  does: "npx fanout ask: the tool answers as before; npx fanout doctor: no problem",
  costs: ONE_RUN,
  async run() {
    const calls = await ask(surroundings);
    await surroundings.shell.run("npx", "fanout", "doctor");
    return words(calls);
  },
});

const scaling = ({ shell }: Surroundings, called: { tool: string }): Step => ({
  name: "scale",
  does: `npx fanout scale <tool> --memory ${MEMORY_MB}, and reads it back with npx fanout status --json`,
  costs: NO_COST,
  async run() {
    await shell.run("npx", "fanout", "scale", called.tool, "--memory", String(MEMORY_MB));
    const { services } = JSON.parse(await shell.output("npx", "fanout", "status", "--json")) as {
      services: { name: string; memoryMb?: number }[];
    };
    const memory = services.find(({ name }) => name === called.tool)?.memoryMb;
    expected(memory === MEMORY_MB, `${MEMORY_MB} MB, got ${memory}`);
    return `${called.tool} has ${memory} MB`;
  },
});

const destruction = ({ shell, remains }: Surroundings): Step => ({
  name: "destroy",
  does: "npx cdk destroy --force, then lists functions, log groups and registrations: none is left",
  costs: NO_COST,
  async run() {
    await shell.run("npx", "cdk", "destroy", "--force");
    return nothing(await remains());
  },
});

/** Asks, and sees that every call went well. */
async function ask({ shell, question }: Surroundings): Promise<Call[]> {
  const { toolCalls } = JSON.parse(await shell.output("npx", "fanout", "ask", "--json", question)) as {
    toolCalls: Call[];
  };
  const failed = toolCalls.filter(({ status }) => status !== "ok");
  expected(toolCalls.length > 0 && failed.length === 0, `calls that are all ok, got ${words(toolCalls)}`);
  return toolCalls;
}

function nothing(remains: readonly string[]): string {
  expected(remains.length === 0, `nothing, got ${remains.join(", ")}`);
  return "there is nothing";
}

function expected(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`Expected ${what}.`);
}

const words = (calls: readonly Call[]) => calls.map(({ tool, status }) => `${tool} ${status}`).join(", ");

/** For how long at least two calls were at work, in ms. */
function overlapMs(calls: readonly Call[]): number {
  const spans = calls
    .flatMap(({ startedAt, durationMs }) => (startedAt ? [{ from: Date.parse(startedAt), durationMs }] : []))
    .map(({ from, durationMs }) => ({ from, to: from + durationMs }));
  const pairs = spans.flatMap((one, index) =>
    spans.slice(index + 1).map((other) => Math.min(one.to, other.to) - Math.max(one.from, other.from)),
  );
  return Math.max(0, ...pairs);
}
