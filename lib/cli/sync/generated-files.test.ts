import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newAgent } from "../commands/new-agent.ts";
import { newTool } from "../commands/new-tool.ts";
import { addFolder } from "../new-folder.ts";
import { findStaleFiles, sync } from "./generated-files.ts";
import { checkStandInRoster } from "./stand-ins.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-roster-"));
  mkdirSync(join(root, "functions/tools"), { recursive: true });
  mkdirSync(join(root, "functions/agents"));
  writeFileSync(join(root, "README.md"), "<!-- tools: written by `npm run sync` -->\n<!-- /tools -->\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const addTool = (name: string, fields: object = {}) => {
  const tool = { name, description: `Does ${name}.`, effect: "read", env: {}, secrets: [], ...fields };
  write(`functions/tools/${name}/tool.ts`, `export default ${JSON.stringify(tool)};`);
  write(`functions/tools/${name}/handler.ts`, "");
};
const addAgent = (folder: string, code: string) => {
  write(`functions/agents/${folder}/agent.ts`, code);
  write(`functions/agents/${folder}/handler.ts`, "");
};
const called = (name: string) => `export default { name: "${name}" };`;
const read = (path: string) => readFileSync(join(root, path), "utf8");
const staleFiles = async () => (await findStaleFiles(root)).map(({ path }) => relative(root, path));

test("the rosters are static imports in the order of the folders", async () => {
  for (const name of ["get_weather", "delete"]) addTool(name);
  addAgent("parallel-tool-agent", called("ParallelToolAgent"));
  await sync(root);
  expect(
    read("functions/tools/index.ts"),
  ).toBe(`// Generated from the folders beside this file by \`npm run sync\`.
import type { Tool } from "fanout/tool";
import deleteTool from "./delete/tool.ts";
import getWeatherTool from "./get_weather/tool.ts";

export const tools = [deleteTool, getWeatherTool] as const satisfies readonly Tool[];
`);
  expect(read("functions/agents/index.ts")).toContain(
    'import parallelToolAgent from "./parallel-tool-agent/agent.ts";\n\nexport const agents = [parallelToolAgent] as const satisfies readonly Agent[];',
  );
});

test("a roster of nothing has its type", async () => {
  await sync(root);
  expect(read("functions/tools/index.ts")).toContain("\nexport const tools: readonly Tool[] = [];\n");
});

test("names that look alike stay distinct", async () => {
  for (const name of ["roll", "roll_tool", "a1", "a_1"]) addTool(name);
  await sync(root);
  const names = [...read("functions/tools/index.ts").matchAll(/^import (\w+) from/gm)].map(
    ([, name]) => name,
  );
  expect(new Set(names).size).toBe(4);
});

test("the README's table has the first sentence of each description, and nothing else of the README changes", async () => {
  const readme = (rows: string) =>
    `# Mine\n\n<!-- tools: written by \`npm run sync\` -->\n${rows}<!-- /tools -->\n\nThe end.\n`;
  write("README.md", readme("anything\n"));
  addTool("get_weather", { description: "Sun | rain. More for the model." });
  addTool("book", { effect: "write" });
  await sync(root);
  expect(read("README.md")).toBe(
    readme(
      [
        "| tool | what it does | effect |",
        "| --- | --- | --- |",
        "| `book` | Does book. | write |",
        "| `get_weather` | Sun \\| rain. | read |",
        "",
      ].join("\n"),
    ),
  );
});

test("a README without a place for the table is left alone, and no README is created", async () => {
  addTool("one");
  write("README.md", "# Mine\n");
  await sync(root);
  expect(read("README.md")).toBe("# Mine\n");
  rmSync(join(root, "README.md"));
  expect(await sync(root)).toEqual([]);
  expect(existsSync(join(root, "README.md"))).toBe(false);
});

test("functions/README.md may have the table instead", async () => {
  const lines = ["<!-- tools: written by `npm run sync` -->", "<!-- /tools -->"];
  write("README.md", "# Mine\n");
  write("functions/README.md", `# Tools\n\n${lines.join("\n")}\n`);
  addTool("one");
  await sync(root);
  expect(read("README.md")).toBe("# Mine\n");
  expect(read("functions/README.md")).toContain(`${lines[0]}\n| tool |`);
  expect(read("functions/README.md")).toContain("| `one` | Does one. | read |\n<!-- /tools -->\n");
  write("functions/README.md", `${lines[0]}\n`);
  await expect(findStaleFiles(root)).rejects.toThrow(
    "functions/README.md: its table of tools stands between",
  );
});

test("a README with only one of the table's two lines is an error that names both", async () => {
  write("README.md", "<!-- /tools -->\n");
  await expect(findStaleFiles(root)).rejects.toThrow(
    "its table of tools stands between the lines <!-- tools: written by `npm run sync` --> and <!-- /tools -->",
  );
});

test("a project without folders has empty rosters", async () => {
  rmSync(join(root, "functions"), { recursive: true });
  await sync(root);
  expect(read("functions/tools/index.ts")).toContain("export const tools: readonly Tool[] = [];");
  expect(read("functions/agents/index.ts")).toContain("export const agents: readonly Agent[] = [];");
});

test("a change in the folders makes files stale until they are written", async () => {
  addTool("one");
  await sync(root);
  expect(await staleFiles()).toEqual([]);
  addTool("two");
  expect(await staleFiles()).toEqual(["functions/tools/index.ts", "README.md"]);
  expect(await sync(root)).toHaveLength(2);
  expect(await staleFiles()).toEqual([]);
  rmSync(join(root, "functions/tools/one"), { recursive: true });
  expect(await staleFiles()).toEqual(["functions/tools/index.ts", "README.md"]);
});

test("a tool whose name is not its folder's is named", async () => {
  addTool("get_weather", { name: "weather" });
  await expect(findStaleFiles(root)).rejects.toThrow(
    'the tool must be called like its folder, "get_weather", but is called "weather"',
  );
});

test("a file without the contract as its default export is named", async () => {
  write("functions/tools/one/tool.ts", "export const tool = {};");
  write("functions/tools/one/handler.ts", "");
  await expect(findStaleFiles(root)).rejects.toThrow(
    "tools/one/tool.ts: expected export default defineTool({ … }), got no default export.",
  );
});

test("every agent whose folder is not its name in kebab-case is named, and files stay as they were", async () => {
  await sync(root);
  const before = read("functions/agents/index.ts");
  addAgent("support", called("SupportAgent"));
  addAgent("nameless", "export default {};");
  addAgent("sound-agent", called("SoundAgent"));
  for (const check of [findStaleFiles, sync]) {
    const problem: Error = await check(root).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(problem.message.split("\n")).toEqual([
      expect.stringMatching(/agents\/nameless\/agent\.ts: expected export default defineAgent/),
      expect.stringMatching(
        /agents\/support\/agent\.ts: the agent is called "SupportAgent", so its folder must be "support-agent", but is "support"\.$/,
      ),
    ]);
  }
  expect(read("functions/agents/index.ts")).toBe(before);
});

test("agents are read only when the roster of tools that they import is up to date", async () => {
  addTool("one");
  addAgent(
    "mine",
    `import { tools } from "../../tools/index.ts"; export default { name: tools.length === 1 ? "Mine" : "Old" };`,
  );
  write("functions/tools/index.ts", 'import "./gone/tool.ts";');
  expect(await staleFiles()).toEqual([
    "functions/tools/index.ts",
    "functions/tools/stand-ins.ts",
    "functions/agents/index.ts",
    "README.md",
  ]);
  await sync(root);
  expect(await staleFiles()).toEqual([]);
});

const STACKS = "functions/stacks.json";
const numbered = (count: number, first = 0) => Array.from({ length: count }, (_, n) => `t${first + n + 10}`);

test("which tools are in which stack is written down once they do not fit into one, and then stays", async () => {
  for (const name of numbered(34)) addTool(name);
  await sync(root);
  expect(existsSync(join(root, STACKS))).toBe(false);
  for (const name of ["a1", "a2"]) addTool(name);
  expect(await staleFiles()).toContain(STACKS);
  await sync(root);
  expect(JSON.parse(read(STACKS))).toEqual({ main: ["a1", ...numbered(34)], Tools2: ["a2"] });
  expect(await staleFiles()).toEqual([]);
  rmSync(join(root, "functions/tools/t10"), { recursive: true });
  addTool("a0");
  await sync(root);
  expect(JSON.parse(read(STACKS))).toEqual({ main: ["a0", "a1", ...numbered(33, 1)], Tools2: ["a2"] });
  rmSync(join(root, "functions/tools/a2"), { recursive: true });
  await sync(root);
  expect(existsSync(join(root, STACKS))).toBe(false);
  expect(await staleFiles()).toEqual([]);
});

test("a file of stacks that cannot be read is an error that shows what it should be", async () => {
  addTool("one");
  for (const wrong of ["<<<<<<< HEAD", '{"main": ["one"], "Tools2": ["one"]}', '{"other": []}']) {
    write(STACKS, wrong);
    await expect(sync(root)).rejects.toThrow(/functions\/stacks\.json: expected \{"main": \["<tool>", …\]/);
  }
});

const STAND_INS = "functions/tools/stand-ins.ts";
const addStandIn = (name: string, definition: string) =>
  write(`functions/tools/${name}/stand-in.ts`, `export default ${definition};`);

test("the roster of stand-ins is keyed by the tools' names, and exists even if it is empty", async () => {
  for (const name of ["get_weather", "delete", "plain"]) addTool(name);
  await sync(root);
  expect(read(STAND_INS)).toBe(`// Generated from the folders beside this file by \`npm run sync\`.
import type { StandIns } from "fanout/sandbox";

export const standIns: StandIns = {};
`);
  addStandIn("get_weather", '{ provider: { name: "weather" } }');
  addStandIn("delete", '{ words: { example: "?", find: () => [], say: () => undefined } }');
  expect(await staleFiles()).toEqual([STAND_INS]);
  await sync(root);
  expect(read(STAND_INS)).toBe(`// Generated from the folders beside this file by \`npm run sync\`.
import type { StandIns } from "fanout/sandbox";
import deleteStandIn from "./delete/stand-in.ts";
import getWeatherStandIn from "./get_weather/stand-in.ts";

export const standIns: StandIns = {
  delete: deleteStandIn,
  get_weather: getWeatherStandIn,
};
`);
});

test.each([
  ["export const standIn = {};", "got no default export."],
  ['export default { name: "weather" };', "got something else."],
  ['export default { provider: "weather", app: {}, env: () => ({}) };', "got something else."],
  ["export default { words: {} };", "got something else."],
  ["export default 7;", "got something else."],
])("a stand-in's file with %s is named", async (code, words) => {
  addTool("one");
  write("functions/tools/one/stand-in.ts", code);
  await expect(findStaleFiles(root)).rejects.toThrow(
    new RegExp(`tools/one/stand-in\\.ts: expected export default defineStandIn\\(\\{ … \\}\\), ${words}$`),
  );
});

test("a stand-in that has no effect is named", async () => {
  addTool("one", { env: { ONE_URL: "https://one.example" } });
  addStandIn("one", '{ provider: { name: "one", app: {}, env: (url) => ({ ONE_ULR: url }) } }');
  await expect(findStaleFiles(root)).rejects.toThrow(
    /tools\/one\/stand-in\.ts: env: expected settings and secrets that a tool declares, got "ONE_ULR"/,
  );
});

test("a stand-in's file that cannot be read is named, and so are two stand-ins for one provider", async () => {
  for (const name of ["one", "two"]) addTool(name);
  write("functions/tools/one/stand-in.ts", 'throw new TypeError("Stand-in: no.");');
  await expect(findStaleFiles(root)).rejects.toThrow(/tools\/one\/stand-in\.ts: Stand-in: no\.$/);
  addStandIn("two", '{ provider: { name: "weather" } }');
  rmSync(join(root, "functions/tools/one/stand-in.ts"));
  addTool("three");
  addStandIn("three", '{ provider: { name: "weather" } }');
  await expect(findStaleFiles(root)).rejects.toThrow('three and two each have a stand-in for "weather".');
});

test("a folder without its files is named", async () => {
  write("functions/tools/half/tool.ts", called("half"));
  await expect(findStaleFiles(root)).rejects.toThrow(/functions\/tools\/half lacks handler\.ts\./);
  write("functions/tools/half/handler.ts", "");
  rmSync(join(root, "functions/tools/half"), { recursive: true });
  mkdirSync(join(root, "functions/agents/empty"));
  await expect(findStaleFiles(root)).rejects.toThrow(/agents\/empty lacks agent\.ts and handler\.ts\./);
});

test("a tool whose contract names a Lambda function has no handler.ts", async () => {
  addTool("one", { lambda: "my-function" });
  await expect(findStaleFiles(root)).rejects.toThrow(
    /tools\/one: a tool is either its handler\.ts or the Lambda function "my-function"/,
  );
  rmSync(join(root, "functions/tools/one/handler.ts"));
  await sync(root);
  expect(read("functions/tools/index.ts")).toContain('import oneTool from "./one/tool.ts";');
});

test.each(["Roll", "roll-dice", "1st", "_x", "", "../x", "a".repeat(37)])(
  "no tool is called %j",
  async (name) => {
    await expect(newTool(root, name)).rejects.toThrow(`such as roll_dice; got "${name}"`);
  },
);

test.each(["support", "supportAgent", "Support-Agent", "Support_Agent", "", "../X", "A".repeat(37)])(
  "no agent is called %j",
  async (name) => {
    await expect(newAgent(root, name)).rejects.toThrow(`such as SupportAgent; got "${name}"`);
  },
);

test("an existing tool or agent is not overwritten", async () => {
  addTool("one");
  await expect(newTool(root, "one")).rejects.toThrow("There is a tool called one already");
  expect(read("functions/tools/one/handler.ts")).toBe("");
  addAgent("my-agent", called("MyAgent"));
  await expect(newAgent(root, "MyAgent")).rejects.toThrow("There is an agent called MyAgent already");
  expect(read("functions/agents/my-agent/handler.ts")).toBe("");
});

test("a new folder that cannot be added leaves nothing behind", async () => {
  addAgent("wrong", called("SupportAgent"));
  write("functions/tools/index.ts", "// as it was\n");
  const files = { "tool.ts": called("one"), "handler.ts": "" };
  const added = addFolder(root, join(root, "functions/tools/one"), files);
  await expect(added).rejects.toThrow('the agent is called "SupportAgent"');
  expect(readdirSync(join(root, "functions/tools"))).toEqual(["index.ts"]);
  expect(read("functions/tools/index.ts")).toBe("// as it was\n");
  expect(readdirSync(join(root, "functions/agents"))).toEqual(["wrong"]);
  expect(read("README.md")).not.toContain("one");
});

test("nothing starts while a stand-in is missing from the roster: its tool would ask the real provider", () => {
  addTool("one");
  addTool("plain");
  expect(() => checkStandInRoster(root, {})).not.toThrow();
  addStandIn("one", '{ provider: { name: "one" } }');
  expect(() => checkStandInRoster(root, {})).toThrow(
    "Out of date: functions/tools/stand-ins.ts. Run: npm run sync",
  );
  expect(() => checkStandInRoster(root, { one: {} })).not.toThrow();
});
