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
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createProject } from "./create-project.ts";

const folders: string[] = [];
let here: string;
beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), "fanout-create-"));
  folders.push(here);
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const create = (folder: string, more: { template?: string; fanout?: string } = {}) =>
  createProject({ directory: join(here, folder), ...more });
const manifestIn = (folder: string) => JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
const kit = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));

describe("a project is called like its folder, as npm takes it", () => {
  test.each([
    ["my-agents", "my-agents"],
    ["My Agents", "my-agents"],
    ["2nd_try.v1", "2nd_try.v1"],
    ["_.hidden", "hidden"],
    ["Übersicht (neu)", "bersicht-neu"],
    ["a/b/deep", "deep"],
  ])("%s: %s", (folder, name) => {
    expect(create(folder).name).toBe(name);
    expect(manifestIn(folder).name).toBe(name);
    expect(readFileSync(join(here, folder, "README.md"), "utf8")).toMatch(`# ${name}\n`);
  });

  test.each([
    ["日本", 'Expected a folder with letters a to z or digits in its name, such as my-agents; got "日本".'],
    ["---", "letters a to z or digits"],
    ["node_modules", 'A project cannot be called "node_modules"'],
    ["Fanout", 'A project cannot be called "fanout"'],
    ["vitest", 'A project cannot be called "vitest"'],
  ])("%s cannot be one", (folder, message) => {
    expect(() => create(folder)).toThrow(message);
    expect(readdirSync(here)).toEqual([]);
  });
});

describe("its folder", () => {
  test("may be there, with a repository, an editor's settings and a licence", () => {
    for (const name of [".git", ".vscode"]) mkdirSync(join(here, name));
    writeFileSync(join(here, "LICENSE"), "MIT");
    const { files } = create(".");
    expect(files).toContain(".gitignore");
    expect(readFileSync(join(here, "LICENSE"), "utf8")).toBe("MIT");
  });

  test.each([
    [["README.md"], "has README.md."],
    [["a", "b", "c", "d"], "has a, b, c and 1 more."],
    [[".gitignore"], "has .gitignore."],
  ])("is refused with %j in it, and stays as it is", (names, message) => {
    for (const name of names) writeFileSync(join(here, name), "mine");
    expect(() => create(".")).toThrow(`Expected an empty folder, or none; ${here} ${message}`);
    expect(readdirSync(here)).toEqual(names);
    for (const name of names) expect(readFileSync(join(here, name), "utf8")).toBe("mine");
  });

  test("is no file", () => {
    writeFileSync(join(here, "taken"), "mine");
    expect(() => create("taken")).toThrow(`Expected a folder, but ${join(here, "taken")} is a file.`);
    expect(() => create("taken/below")).toThrow("ENOTDIR");
    expect(readFileSync(join(here, "taken"), "utf8")).toBe("mine");
  });

  test.each([
    ["that was not there", false],
    ["that was there", true],
  ])("%s is as before when not every file can be written", (_, isThere) => {
    // Only the shorter paths in this folder are paths that the system takes.
    const longest = process.platform === "linux" ? 4096 : 1024;
    const deep = "d/".repeat((longest - here.length - 26) / 2);
    const folder = join("a".repeat(20), deep.slice(21));
    if (isThere) mkdirSync(join(here, folder, ".git"), { recursive: true });
    expect(() => create(folder)).toThrow("too long");
    if (isThere) expect(readdirSync(join(here, folder))).toEqual([".git"]);
    else expect(readdirSync(here)).toEqual([]);
  });
});

test("a template that does not exist is refused with those that do", () => {
  expect(() => create("x", { template: "big" })).toThrow(
    'Unknown template "big". Templates: minimal, chat, claim.',
  );
  expect(readdirSync(here)).toEqual([]);
});

describe("the kit comes from", () => {
  test.each([
    [undefined, `^${kit.version}`],
    ["1.2.3", "1.2.3"],
    ["~1.2", "~1.2"],
    ["latest", "latest"],
    ["https://example.com/fanout-1.0.0.tgz", "https://example.com/fanout-1.0.0.tgz"],
  ])("%s: %s", (fanout, spec) => {
    create("x", fanout === undefined ? {} : { fanout });
    expect(manifestIn("x").dependencies.fanout).toBe(spec);
  });

  test.each([(path: string) => path, (path: string) => `file:${path}`])(
    "a path, as the project sees it",
    (spec) => {
      create("x", { fanout: spec(import.meta.dirname) });
      expect(manifestIn("x").dependencies.fanout).toBe(`file:${import.meta.dirname}`);
    },
  );

  test.each(["./fanout-1.0.0.tgz", "fanout-1.0.0.tgz", "file:nowhere", "../nowhere"])(
    "%s only if there is something",
    (fanout) => {
      expect(() => create("x", { fanout })).toThrow(
        "Expected a range of versions, a tarball or a folder; there is no /",
      );
      expect(existsSync(join(here, "x"))).toBe(false);
    },
  );
});

test("a project brings its own Node only where the machine's is older than Lambda's", () => {
  createProject({ directory: join(here, "old"), node: "20.20.2" });
  createProject({ directory: join(here, "new"), node: "24.1.0" });
  const [old, recent] = [manifestIn("old"), manifestIn("new")];
  expect(old.devDependencies.node).toBe(kit.devDependencies.node);
  expect(old.allowScripts.node).toBe(true);
  expect(old.engines).toBeUndefined();
  const { node: _, ...others } = old.devDependencies;
  expect(recent.devDependencies).toEqual(others);
  expect(recent.allowScripts).toEqual({ esbuild: true, "@scarf/scarf": false });
  expect(recent.engines).toEqual({ node: ">=24" });
});
