import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createProject } from "../lib/create/index.ts";
import { eventually, makeProject, type Project, type Running } from "./support/project.ts";

// The samples have gone, as functions/README.md says, and a person's own tools and agent are there.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const CLOCK = "functions/tools/get_time_in_city";
const contract = (
  name: string,
  description: string,
  rest: string,
) => `import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "${name}",
  description: "${description}",
  input: z.object({ city: z.string() }),
  output: z.object({ told: z.string() }),
  ${rest},
});
`;
const HANDLER = `import { implementTool, serve } from "fanout/tool";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ city }, { env, secrets }) => ({
  told: \`\${city}: \${JSON.stringify({ ...env, ...secrets }).replaceAll('"', "")}\`,
}));
export const handler = serve(service);
`;
/** Asks a provider of the project's own, which is not there: its stand-in answers. */
const ASKING = `import { fetchJson, implementTool, serve } from "fanout/tool";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ city }, { env, secrets, signal }) =>
  fetchJson(\`\${env.HARBOUR_URL}/ships/\${city}\`, {
    provider: "The harbour",
    headers: { authorization: \`Bearer \${secrets.HARBOUR_KEY}\` },
    answer: tool.output,
    signal,
  }),
);
export const handler = serve(service);
`;
const STAND_IN = `import { defineStandIn, SANDBOX_KEY } from "fanout/sandbox";
import { Hono } from "hono";

export default defineStandIn({
  provider: "harbour",
  latencyMs: 7,
  env: (url) => ({ HARBOUR_URL: url, HARBOUR_KEY: SANDBOX_KEY }),
  trouble: (status) => ({ harbour: status }),
  app: new Hono().get("/ships/:city", (c) =>
    c.json({ told: \`two ships for \${c.req.header("authorization")}\` }),
  ),
  words: {
    example: "Ships at Oslo?",
    find: (words) =>
      [...words.matchAll(/ships at (\\w+)/gi)].map((match) => ({
        at: match.index,
        length: match[0].length,
        input: { city: match[1] },
      })),
    say: ({ city }, output) => \`In \${city} are \${(output as { told: string }).told}.\`,
  },
});
`;
const LAMBDA = `export const handler = async ({ city }: { city: string }) => ({ told: \`\${city} is at sea\` });
`;

let project: Project;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "fanout-own-"));
  const { root } = createProject({ directory: join(folder, "mine") });
  for (const replaced of ["functions", "test", "bin/defaults.ts"])
    rmSync(join(root, replaced), { recursive: true });
  project = makeProject(root, { "functions/tools/.gitkeep": "", "README.md": "# Mine\n" });
  rmSync(folder, { recursive: true });
});
afterAll(() => project?.remove());

const read = (path: string) => readFileSync(join(project.root, path), "utf8");
function write(path: string, text: string): void {
  const file = join(project.root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test("without an agent there is nothing to ask, which is said at once", async () => {
  expect(await project.fanout(["sync"])).toMatchObject({ code: 0, stderr: "" });
  expect(await project.fanout(["start"])).toEqual({
    code: 1,
    stdout: "",
    stderr: "This project has no agent. Add one with: npx fanout new agent MyAgent\n",
  });
});

test("a new tool and a new agent are three files each, listed with what to type next", async () => {
  expect(await project.fanout(["new", "tool", "get_time_in_city"])).toEqual({
    code: 0,
    stderr: "",
    stdout: [
      `  ${CLOCK}/tool.ts`,
      `  ${CLOCK}/handler.ts`,
      `  ${CLOCK}/handler.test.ts`,
      'Try it: npm start -- "Use get_time_in_city with text=hello"',
      "",
    ].join("\n"),
  });
  expect(await project.fanout(["new", "agent", "TimeAgent"])).toEqual({
    code: 0,
    stderr: "",
    stdout: [
      "  functions/agents/time-agent/agent.ts",
      "  functions/agents/time-agent/handler.ts",
      "  functions/agents/time-agent/handler.test.ts",
      'Try it: npm start -- --agent TimeAgent "What can you do?"',
      "",
    ].join("\n"),
  });
  expect(read("functions/tools/index.ts")).toContain(
    'import getTimeInCityTool from "./get_time_in_city/tool.ts";',
  );
  expect(read("functions/agents/index.ts")).toContain('import timeAgent from "./time-agent/agent.ts";');
  expect(read("README.md")).toBe("# Mine\n");
});

describe("while its platform is up", () => {
  let platform: Running;
  beforeAll(async () => {
    rmSync(join(project.root, CLOCK, "handler.test.ts"));
    const clock = 'env: { TIME_ZONE: "UTC", TIME_FORMAT: "24h" },\n  secrets: ["TIME_API_KEY"]';
    write(`${CLOCK}/tool.ts`, contract("get_time_in_city", "The time in a city.", clock));
    write(`${CLOCK}/handler.ts`, HANDLER);
    write("functions/tools/get_tide/tool.ts", contract("get_tide", "The tide.", 'secrets: ["TIDE_KEY"]'));
    write("functions/tools/get_tide/handler.ts", HANDLER);
    const sea = 'lambda: "fanout-lambda-sea-level-{stage}"';
    write("functions/tools/get_sea_level/tool.ts", contract("get_sea_level", "The sea's level.", sea));
    write("functions/lambdas/sea-level/index.ts", LAMBDA);
    const harbour = 'env: { HARBOUR_URL: "http://127.0.0.1:1" },\n  secrets: ["HARBOUR_KEY"]';
    write("functions/tools/list_ships/tool.ts", contract("list_ships", "Ships at a city.", harbour));
    write("functions/tools/list_ships/handler.ts", ASKING);
    write("functions/tools/list_ships/stand-in.ts", STAND_IN);
    write(".env", "TIME_API_KEY=from-the-file\nTIME_FORMAT=12h\nUNDECLARED=x\n");
    expect(await project.fanout(["sync", "--check"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Out of date: .*functions\/tools\/stand-ins\.ts/),
    });
    expect(await project.fanout(["sync"])).toMatchObject({ code: 0 });
    platform = project.start(["start", "Use get_time_in_city with city=Oslo"], { TIME_FORMAT: "unix" });
    await eventually(() => platform.stderr().includes("Ctrl-C ends everything."), platform.stderr);
  });

  const ask = (...args: string[]) => project.fanout(["ask", ...args]);

  test("start asks the only agent; its tool has the environment's settings and those of .env", async () => {
    const { stdout } = await ask("Use get_time_in_city with city=Oslo");
    expect(stdout).toContain(
      'get_time_in_city({"city":"Oslo"}) → {"told":"Oslo: {TIME_ZONE:UTC,TIME_FORMAT:unix,TIME_API_KEY:from-the-file}"}',
    );
    expect(stdout).not.toContain("sandbox data");
    expect(platform.stderr()).toContain('get_time_in_city city="Oslo": ok after');
    expect(platform.stderr()).toContain("npx fanout ask 'What can you do?'");
  });

  test("a stand-in of the project's own answers in its provider's place, with its words, latency and faults", async () => {
    const { stdout } = await ask("Which ships at Oslo?");
    expect(stdout).toContain("- In Oslo are two ships for Bearer sandbox-key.");
    expect(stdout).toContain("sandbox data");
    expect(platform.stderr()).not.toContain("HARBOUR_KEY");
    const control = `${project.state()?.sandboxUrl}/_control`;
    const fault = { latencyMs: 7, errorRate: 0, rateLimitRate: 0, hang: false };
    expect(await (await fetch(`${control}/faults/harbour`)).json()).toEqual(fault);
    expect(await (await fetch(`${control}/requests`)).json()).toMatchObject({ harbour: 1 });
  });

  test("a secret without a value is said at the start, and again by the call", async () => {
    expect(platform.stderr()).toMatch(/^get_tide needs TIDE_KEY: put it into \.env$/m);
    expect(platform.stderr()).not.toContain("needs TIME_API_KEY");
    const { stdout } = await ask("Use get_tide with city=Oslo");
    expect(stdout).toContain(
      "calls: 1, 1 not ok (get_tide: get_tide is not configured: its secret TIDE_KEY has no value)",
    );
  });

  test("a folder in functions/lambdas is a function that a tool can be", async () => {
    const { stdout } = await ask("Use get_sea_level with city=Oslo");
    expect(stdout).toContain('→ {"told":"Oslo is at sea"}');
    expect(stdout).toContain("fanout-lambda-sea-level-dev 1");
  });

  test("scale switches a tool off, which the model reads, and on again", async () => {
    const scale = (limit: string) => project.fanout(["scale", "get_sea_level", "--max-concurrency", limit]);
    expect(await scale("0")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/calls +taken +refused/),
      stderr: expect.stringContaining("it is switched off; declared is on"),
    });
    expect((await ask("Use get_sea_level with city=Oslo")).stdout).toContain(
      "calls: 1, 1 not ok (get_sea_level: get_sea_level is switched off.)",
    );
    expect((await project.fanout(["status"])).stdout).toMatch(/get_sea_level +tool +2 off\*/);
    expect(await scale("none")).toMatchObject({ code: 0 });
    expect((await ask("Use get_sea_level with city=Oslo")).stdout).toContain("Oslo is at sea");
  });

  test("another agent than there is is an error that says which there is", async () => {
    expect((await ask("Hi", "--agent", "Nobody")).stderr).toMatch(/Agents: TimeAgent\.$/m);
  });

  // The last of these tests, because it ends the platform.
  test("Ctrl-C ends it and leaves nothing behind", async () => {
    process.kill(-(platform.child.pid as number), "SIGINT");
    expect((await platform.outcome).code).toBe(0);
    await project.nothingLeft();
  });
});

describe("a fault", () => {
  test("of a stand-in of the project's own is one from the start", async () => {
    const flags = ["--fault", "harbour:rateLimitRate=1", "--fault", "harbour:latencyMs=0"];
    const { code, stdout } = await project.fanout(["start", "--once", ...flags, "Which ships at Oslo?"]);
    expect(stdout).toContain(
      "calls: 1, 1 not ok (list_ships: The harbour is limiting requests (status 429).",
    );
    expect(code).toBe(0);
    await project.nothingLeft();
  });

  test("of an upstream that there is not is wrong usage, and says which there are", async () => {
    const { code, stdout, stderr } = await project.fanout(["up", "--fault", "harbor:hang"]);
    expect(stderr).toContain(
      'Unknown upstream "harbor". Upstreams: openai, anthropic, google, bedrock, harbour.',
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe("a tool that is wrong", () => {
  const startWith = async (path: string, change: (text: string) => string) => {
    const sound = read(path);
    writeFileSync(join(project.root, path), change(sound));
    try {
      return await project.fanout(["start", "--once"]);
    } finally {
      writeFileSync(join(project.root, path), sound);
      await project.nothingLeft();
    }
  };

  test.each([
    [
      "a field that does not exist",
      "tool.ts",
      (text: string) => text.replace("input:", "timout: { seconds: 5 },\n  input:"),
      /^TypeError: Tool "get_time_in_city": Unrecognized key: "timout"/m,
    ],
    [
      "code that cannot be bundled",
      "handler.ts",
      (text: string) => `import { dice } from "./dice.ts";\n${text.replace("told:", "dice, told:")}`,
      /functions\/tools\/get_time_in_city\/handler\.ts:1:21: ERROR: Could not resolve ".\/dice\.ts"/,
    ],
    [
      "code that throws when it is loaded",
      "handler.ts",
      (text: string) => `throw new Error('No "dice" here.');\n${text}`,
      /^Function fanout-get_time_in_city does not start: No "dice" here\.$/m,
    ],
  ])("with %s ends the start with exit code 1 and its own words", async (_, name, change, words) => {
    const { code, stdout, stderr } = await startWith(`${CLOCK}/${name}`, change);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^ +at |Ready/m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
