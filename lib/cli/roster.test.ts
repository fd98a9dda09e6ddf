import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkToolName, newTool } from "./new-tool.ts";
import { findStaleFiles, sync } from "./roster.ts";

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
  const tool = { name, description: `Does ${name}.`, effect: "read", ...fields };
  write(`functions/tools/${name}/tool.ts`, `export default ${JSON.stringify(tool)};`);
  write(`functions/tools/${name}/handler.ts`, "");
};
const addAgent = (folder: string) => {
  for (const file of ["agent.ts", "handler.ts"]) write(`functions/agents/${folder}/${file}`, "");
};
const read = (path: string) => readFileSync(join(root, path), "utf8");
const staleFiles = async () => (await findStaleFiles(root)).map(({ path }) => relative(root, path));

test("the rosters are static imports in the folders' order", async () => {
  for (const name of ["get_weather", "delete"]) addTool(name);
  addAgent("parallel-tool-agent");
  await sync(root);
  expect(
    read("functions/tools/index.ts"),
  ).toBe(`// Generated from the folders beside this file by \`npm run sync\`.
import deleteTool from "./delete/tool.ts";
import getWeatherTool from "./get_weather/tool.ts";

export const tools = [deleteTool, getWeatherTool];
`);
  expect(read("functions/agents/index.ts")).toContain(
    'import parallelToolAgent from "./parallel-tool-agent/agent.ts";\n\nexport const agents = [parallelToolAgent];',
  );
});

test("names that look alike stay apart", async () => {
  for (const name of ["roll", "roll_tool", "a1", "a_1"]) addTool(name);
  await sync(root);
  const names = [...read("functions/tools/index.ts").matchAll(/^import (\w+)/gm)].map(([, name]) => name);
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

test("a README without the table's place is an error that says what it lacks", async () => {
  write("README.md", "# Mine\n");
  await expect(findStaleFiles(root)).rejects.toThrow("lacks the lines <!-- tools:");
});

test("what changed in the folders makes files stale until they are written", async () => {
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

test("a tool that is not called like its folder is named", async () => {
  addTool("get_weather", { name: "weather" });
  await expect(findStaleFiles(root)).rejects.toThrow(
    'the tool must be called like its folder, "get_weather", but is called "weather"',
  );
});

test.each(["export const tool = {};", "export default {};"])(
  "a tool.ts with %s has no tool to offer, and is named",
  async (code) => {
    write("functions/tools/half/tool.ts", code);
    write("functions/tools/half/handler.ts", "");
    await expect(findStaleFiles(root)).rejects.toThrow(
      "functions/tools/half/tool.ts has no tool as its default export: expected export default defineTool({ … }).",
    );
  },
);

test("a folder without its files is named", async () => {
  write("functions/tools/half/tool.ts", "");
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

test.each(["Roll", "roll-dice", "1st", "_x", "", "../x", "a".repeat(37)])("no tool is called %j", (name) => {
  expect(() => checkToolName(name)).toThrow(`such as roll_dice; got "${name}"`);
});

test("a tool that exists is not overwritten", async () => {
  addTool("one");
  await expect(newTool(root, "one")).rejects.toThrow("There is a tool called one already");
  expect(read("functions/tools/one/handler.ts")).toBe("");
});
