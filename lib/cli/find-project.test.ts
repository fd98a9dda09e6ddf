import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findProject } from "./find-project.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-find-")));
  write("mine/package.json", "{}");
  write("mine/functions/tools/index.ts", 'export const tools = [{ name: "a" }];');
  write("mine/functions/agents/index.ts", "export const agents: object[] = [];");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test("the nearest folder with package.json and functions is the project, from wherever in it a command is called", async () => {
  write("package.json", "{}");
  const project = findProject(join(folder, "mine/functions/tools"));
  expect(project.root).toBe(join(folder, "mine"));
  expect(await project.loadRoster()).toEqual({ tools: [{ name: "a" }], agents: [], scaling: undefined });
});

test("scaling, stand-ins and defaults may be missing, and are read where they are", async () => {
  const project = findProject(join(folder, "mine"));
  expect(await project.loadStandIns()).toEqual({});
  expect(await project.loadDefaults()).toEqual({});
  write("mine/functions/scaling.ts", "export const scaling = { prod: {} };");
  write("mine/functions/tools/stand-ins.ts", "export const standIns = { a: 1 };");
  write("mine/bin/defaults.ts", 'export const defaults = { agent: "A" };');
  expect((await project.loadRoster()).scaling).toEqual({ prod: {} });
  expect(await project.loadStandIns()).toEqual({ a: 1 });
  expect(await project.loadDefaults()).toEqual({ agent: "A" });
});

test("outside a project a command that needs one says how to make it", async () => {
  const { root, loadRoster } = findProject(folder);
  expect(root).toBe(folder);
  await expect(loadRoster()).rejects.toThrow(
    `There is no project here: neither ${folder} nor a folder above it has package.json and functions. Make one with: npx fanout init my-agents`,
  );
});

test("rosters that have not been written yet are named with the command that writes them", async () => {
  rmSync(join(folder, "mine/functions/tools/index.ts"));
  await expect(findProject(join(folder, "mine")).loadRoster()).rejects.toThrow(
    `There is no ${join(folder, "mine/functions/tools/index.ts")}. Write it with: npx fanout sync`,
  );
});

test("a Node that cannot read TypeScript says which can", async () => {
  vi.spyOn(process.features, "typescript", "get").mockReturnValue(false);
  await expect(findProject(join(folder, "mine")).loadRoster()).rejects.toThrow(
    /^Node .* cannot read a project in TypeScript; Node 22\.18 and later can\. Run the command by npm, .*: npx fanout$/,
  );
  vi.restoreAllMocks();
});
