import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { journey } from "./aws/journey.ts";
import { report } from "./aws/report.ts";
import type { Shell } from "./aws/shell.ts";
import { breakTool, copyProject } from "./aws/surroundings.ts";
import { type TravelOptions, travel } from "./aws/travel.ts";
import { ROOT } from "./support/imports.ts";

// The journey over AWS with commands that stand in: its order, what it takes for success, its report, and that it cleans up.

const QUESTION = "What is the weather in Paris and Tokyo?";
const at = (ms: number) => new Date(ms).toISOString();
const call = (from: number, status = "ok") => ({
  tool: "get_weather",
  status,
  startedAt: at(from),
  durationMs: 400,
});
const PARALLEL = [call(1000), call(1100)];

interface Play {
  calls?: object[];
  memoryMb?: number;
  /** Exit codes of the deployments, in their order. Default: good, failed, good. */
  deployments?: (number | (() => number))[];
  /** What is there at each look. Default: nothing. */
  remains?: string[][];
  /** How often destroying fails. */
  stubborn?: number;
}

function play({
  calls = PARALLEL,
  memoryMb = 1024,
  deployments = [0, 1, 0],
  remains = [],
  stubborn = 0,
}: Play) {
  const commands: string[] = [];
  const ends = [...deployments];
  const looks = [...remains];
  let refusals = stubborn;
  const codeOf = (line: string) => {
    if (line.startsWith("npm run deploy")) {
      const end = ends.shift() ?? 0;
      return typeof end === "number" ? end : end();
    }
    return line.startsWith("npx cdk destroy") && refusals-- > 0 ? 1 : 0;
  };
  const attempt: Shell["attempt"] = async (...words) => {
    commands.push(words.join(" "));
    return { code: codeOf(words.join(" ")) };
  };
  const shell: Shell = {
    attempt,
    async run(command, ...args) {
      const { code } = await attempt(command, ...args);
      if (code !== 0) throw new Error(`${command} ended with ${code}.`);
    },
    async output(command, ...args) {
      await attempt(command, ...args);
      return JSON.stringify(
        args.includes("ask") ? { toolCalls: calls } : { services: [{ name: "get_weather", memoryMb }] },
      );
    },
    interrupt() {},
  };
  const breakTool = (name: string) => {
    commands.push(`break ${name}`);
    return () => void commands.push(`repair ${name}`);
  };
  const steps = journey({ shell, breakTool, question: QUESTION, remains: async () => looks.shift() ?? [] });
  const go = (options: Partial<TravelOptions> = {}) =>
    travel(steps, { stop: new AbortController().signal, keep: false, begin() {}, pauseMs: 0, ...options });
  return { commands, go };
}

const outcomes = (results: Awaited<ReturnType<typeof travel>>) =>
  results.map(({ outcome, step }) => `${outcome}: ${step.name}`);
const DESTROY = "npx cdk destroy --force";

test("takes the documentation's commands in the order of a deployment's life", async () => {
  const { commands, go } = play({});
  expect((await go()).map(({ outcome }) => outcome)).toEqual(Array(8).fill("ok"));
  expect(commands).toEqual([
    "npm run deploy -- --yes",
    `npx fanout ask --json ${QUESTION}`,
    "break get_weather",
    "npm run deploy -- --yes",
    "repair get_weather",
    `npx fanout ask --json ${QUESTION}`,
    "npx fanout doctor",
    "npm run deploy -- --yes",
    "npx fanout scale get_weather --memory 1024",
    "npx fanout status --json",
    DESTROY,
  ]);
});

test("goes nowhere when something is there already, and destroys nothing of it", async () => {
  const { commands, go } = play({ remains: [["service get_weather"]] });
  const results = await go();
  expect(results[0]?.text).toBe("Expected nothing, got service get_weather.");
  expect(outcomes(results).slice(1)).toEqual(expect.arrayContaining(["not run: destroy"]));
  expect(commands).toEqual([]);
});

test.each<[what: string, play: Play, step: string, words: RegExp]>([
  ["a deployment that fails", { deployments: [1] }, "deploy", /npm ended with 1/],
  ["calls one after another", { calls: [call(1000), call(1400)] }, "a parallel run", /at the same time/],
  ["a call that fails", { calls: [call(1), call(1, "error")] }, "a parallel run", /get_weather error/],
  ["a broken tool that can be deployed", { deployments: [0, 0] }, "a failed update", /it succeeded/],
  ["memory that stays", { memoryMb: 512 }, "scale", /Expected 1024 MB, got 512/],
])("%s ends the journey, and what was made is destroyed", async (_, how, step, words) => {
  const { commands, go } = play(how);
  const results = await go();
  const failed = results.filter(({ outcome }) => outcome === "failed");
  expect(failed.map((result) => result.step.name)).toEqual([step]);
  expect(failed[0]?.text).toMatch(words);
  expect(results.at(-1)?.outcome).toBe("ok");
  expect(commands.at(-1)).toBe(DESTROY);
});

test("--keep leaves what was made after a failure, and only then", async () => {
  const failing = play({ deployments: [1] });
  expect((await failing.go({ keep: true })).at(-1)?.outcome).toBe("not run");
  expect(failing.commands).not.toContain(DESTROY);
  expect((await play({}).go({ keep: true })).at(-1)?.outcome).toBe("ok");
});

test("stopped during a deployment, it takes no further step but destroying", async () => {
  const stop = new AbortController();
  const interrupted = () => {
    stop.abort();
    return 130;
  };
  const { commands, go } = play({ deployments: [interrupted] });
  expect(outcomes(await go({ stop: stop.signal })).filter((one) => !one.startsWith("not run"))).toEqual([
    "ok: nothing is there",
    "failed: deploy",
    "ok: destroy",
  ]);
  expect(commands).toEqual(["npm run deploy -- --yes", DESTROY]);
});

test("destroying is tried again while CloudFormation is busy; what is left then is a failure", async () => {
  const busy = play({ stubborn: 2 });
  expect((await busy.go()).at(-1)?.outcome).toBe("ok");
  expect(busy.commands.filter((command) => command === DESTROY)).toHaveLength(3);
  const left = play({ remains: [[], ...Array(10).fill(["log group x"])] });
  expect((await left.go()).at(-1)).toMatchObject({
    outcome: "failed",
    text: "Expected nothing, got log group x.",
  });
});

test("the report says what went well where, and names no account, environment, key or ARN", async () => {
  const { go } = play({
    remains: [["registration arn:aws:lambda:eu-west-1:123456789012:function:x of env_1a key_2b"]],
  });
  const facts = { at: at(0), versions: { Node: "24.1.0" }, target: "cloud", region: "eu-west-1" };
  const text = report(facts, await go());
  expect(text).toContain(
    "1970-01-01T00:00:00.000Z, target cloud, region eu-west-1. 8 of 8 steps did not go well",
  );
  expect(text).toMatch(
    /^\| nothing is there \| .* \| failed \| 0\.0 s \| Expected nothing, got registration …/m,
  );
  expect(text).not.toMatch(/123456789012|arn:|env_|key_/);
});

test("a tool is broken in a copy of the project, whose commands run there, and is put right again", () => {
  const root = copyProject();
  try {
    const handler = join(root, "functions/tools/made_up/handler.ts");
    mkdirSync(dirname(handler), { recursive: true });
    writeFileSync(handler, "export const handler = 1;\n");
    const repair = breakTool(root, "made_up");
    expect(readFileSync(handler, "utf8")).toContain('throw new Error("made to fail")');
    repair();
    expect(readFileSync(handler, "utf8")).toBe("export const handler = 1;\n");
    expect(() => breakTool(root, "nobody")).toThrow('got "nobody"');
    const fanout = spawnSync(process.execPath, ["bin/fanout.ts", "deploy", "--help"], { cwd: root });
    expect(fanout.status, String(fanout.stderr)).toBe(0);
  } finally {
    rmSync(dirname(root), { recursive: true });
  }
});

test("without an account it says what it would do, what that costs and what is missing, and runs nothing", () => {
  const { status, stdout } = spawnSync(process.execPath, ["test/aws/run.ts"], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      PATH: join(ROOT, "node_modules/.bin"),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Nothing was run, and nothing was changed\./);
  expect(stdout).toMatch(
    /FANOUT_TARGET .*\n {2}- RESTATE_TOKEN: .*\n {2}- AWS credentials: There are no AWS/,
  );
  expect(stdout).toMatch(/8\. destroy\n .*npx cdk destroy --force.*\n +costs nothing/);
  expect(stdout).toContain("The authors have not run it on AWS yet.");
});
