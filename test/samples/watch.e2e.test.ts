import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { copyProject, type Project } from "../support/project.ts";

vi.setConfig({ testTimeout: 240_000 });

let project: Project;
let platform: Awaited<ReturnType<Project["up"]>>;
beforeAll(async () => {
  project = copyProject();
  // Types are checked after each change: those of tests, and CDK's, are most of the work.
  const settings = join(project.root, "tsconfig.json");
  const { include: _, exclude, ...rest } = JSON.parse(readFileSync(settings, "utf8"));
  const others = ["functions/**/infra.ts", "functions/**/*.test.ts"];
  writeFileSync(
    settings,
    JSON.stringify({ ...rest, include: ["functions"], exclude: [...exclude, ...others] }),
  );
  platform = await project.up();
});
afterAll(() => project?.remove());

const CONTRACT = "functions/tools/roll_dice/tool.ts";
const HANDLER = "functions/tools/roll_dice/handler.ts";
const STILL_RUNS = "What ran before still runs.";

/** Changes a file as many editors do: a new file takes the old one's place. @returns what the platform says from then on. */
function change(path: string, edit: (text: string) => string): () => string {
  const before = platform.stderr().length;
  const file = join(project.root, path);
  writeFileSync(`${file}.tmp`, edit(readFileSync(file, "utf8")));
  renameSync(`${file}.tmp`, file);
  return () => platform.stderr().slice(before);
}

/** A deployment on a busy machine. */
const until = (said: () => string, words: string) =>
  expect.poll(said, { timeout: 150_000, interval: 100 }).toContain(words);

const roll = async () => (await project.fanout(["ask", "Use roll_dice with text=Hello"])).stdout;

test("a new tool's folder is deployed, and those that call it; nothing else", async () => {
  const before = platform.stderr().length;
  const said = () => platform.stderr().slice(before);
  const { stdout } = await project.fanout(["new", "tool", "roll_dice"]);
  expect(stdout).toMatch(
    /^When the platform says "roll_dice: version 1", try it: npx fanout ask "Use roll_dice with text=hello"$/m,
  );
  rmSync(join(project.root, HANDLER, "../handler.test.ts"));
  await until(said, "BriefingAgent: version");
  // RunEvents' function has the service by which MCP clients call tools.
  expect(
    said()
      .match(/^\w+: version \d+$/gm)
      ?.sort(),
  ).toEqual([
    "BriefingAgent: version 2",
    "ParallelToolAgent: version 2",
    "RunEvents: version 2",
    "roll_dice: version 1",
  ]);
  expect(await roll()).toContain('{"text":"HELLO"}');
});

test("a changed handler is a new version of that tool only, and its type errors are told", async () => {
  const said = change(HANDLER, (text) =>
    text.replace("text.toUpperCase()", "text.toLowerCase() as unknown as number"),
  );
  await until(said, "version");
  await until(said, "Type errors");
  expect(said().trim().split("\n").sort()).toEqual([
    `  ${HANDLER}:7:12: Type 'number' is not assignable to type 'string'.`,
    "Type errors:",
    "roll_dice: version 2",
  ]);
  expect(await roll()).toContain('{"text":"hello"}');
});

test.each([
  [
    "code that is no TypeScript",
    CONTRACT,
    (text: string) => text.replace("defineTool({", "defineTool(({"),
    /roll_dice\/tool\.ts: Expected ',', got ';'$/m,
  ],
  [
    "code that cannot be bundled",
    HANDLER,
    (text: string) => `import { dice } from "./dice.ts";\n${text.replace("text.to", "dice(text).to")}`,
    /functions\/tools\/roll_dice\/handler\.ts:1:21: ERROR: Could not resolve ".\/dice\.ts"/,
  ],
  [
    "code that throws when it is loaded",
    HANDLER,
    (text: string) => `throw new Error("No dice here.");\n${text}`,
    /^Function fanout-roll_dice does not start: No dice here\.$/m,
  ],
])("%s is told in its own words, and what ran before still runs", async (_, path, edit, words) => {
  const sound = readFileSync(join(project.root, path), "utf8");
  const said = change(path, edit);
  await until(said, STILL_RUNS);
  expect(said()).toMatch(words);
  expect(said()).not.toMatch(/^ +at /m);
  expect(await roll()).toContain('{"text":"hello"}');
  change(path, () => sound);
});

test("after mistakes, the next change is deployed", async () => {
  const said = change(HANDLER, (text) => text.replace(/text: text.*? \}/, 'text: "again" }'));
  await until(said, "version");
  await until(said, "No type errors any more.");
  expect(said()).toMatch(/^roll_dice: version \d$/m);
  expect(await roll()).toContain('{"text":"again"}');
});

test("a tool uses an addon, a package with WebAssembly and a file beside it, with nothing to set up", async () => {
  writeFileSync(join(project.root, HANDLER, "../words.txt"), "a file");
  const said = change(HANDLER, (text) =>
    [
      'import { readFileSync } from "node:fs";',
      'import { hash, verify } from "@node-rs/argon2";',
      'import initSqlJs from "sql.js";',
      text
        .replace("export function run", "export async function run")
        .replace(": z.input<typeof tool.output>", ": Promise<z.input<typeof tool.output>>")
        .replace(
          '"again"',
          '[await verify(await hash("again"), "again"), new (await initSqlJs()).Database().exec("select 6*7")[0]?.values, readFileSync(new URL("./words.txt", import.meta.url), "utf8")].join()',
        ),
    ].join("\n"),
  );
  await until(said, "version");
  expect(said()).toMatch(/^roll_dice: version \d\n$/);
  expect(await roll()).toContain('{"text":"true,42,a file"}');
});

test("a changed stand-in is no new version of anything; it counts from the next start on, which is said", async () => {
  const said = change("functions/tools/get_weather/stand-in.ts", (text) =>
    text.replace("latencyMs: 200", "latencyMs: 201"),
  );
  await until(said, "Stand-ins");
  const next = change(HANDLER, (text) => text.replace(".join()", '.join("")'));
  await until(next, "version");
  expect(said()).toMatch(/^Stand-ins have changed: from the next start on\.\nroll_dice: version \d\n$/);
});

test("a changed .env is a new version of the functions that declare what has changed", async () => {
  const before = platform.stderr().length;
  const said = () => platform.stderr().slice(before);
  writeFileSync(join(project.root, ".env"), "MAIL_FROM=me@example.com\n");
  await until(said, "version");
  expect(said()).toBe("send_email: version 2\n");
});

test("Ctrl-C ends it and leaves nothing behind, in the middle of a deployment too", async () => {
  const said = change(HANDLER, (text) => text.replace('.join("")', '.join("never")'));
  await expect
    .poll(() => project.processes().join(), { timeout: 150_000, interval: 50 })
    .toContain("bin/app.ts");
  process.kill(-(platform.child.pid as number), "SIGINT");
  expect((await platform.outcome).code).toBe(0);
  expect(said()).toBe("");
  await project.nothingLeft();
});
