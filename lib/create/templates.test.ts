import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type CommandEntry, commands } from "../cli/commands/index.ts";
import { assembleTemplates, createProject, TEMPLATES } from "./index.ts";

const here = mkdtempSync(join(tmpdir(), "fanout-templates-"));
afterAll(() => rmSync(here, { recursive: true }));

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(path, "utf8");
const kit = JSON.parse(read(join(ROOT, "package.json")));
const chat = JSON.parse(read(join(ROOT, "examples/chat/package.json")));
const GENERATED = /^functions\/(?:agents\/index|tools\/(?:index|stand-ins))\.ts$/;

/** Every command of `fanout`, such as "new tool". */
const commandNames = (entries: readonly CommandEntry[]): string[] =>
  entries.flatMap((entry) => {
    const [name = ""] = entry.usage.split(" ");
    return "commands" in entry
      ? [name, ...commandNames(entry.commands).map((one) => `${name} ${one}`)]
      : [name];
  });

describe.each(TEMPLATES)("%s", (template) => {
  const { root, name, files } = createProject({ directory: join(here, `${template}-app`), template });
  const manifest = JSON.parse(read(join(root, "package.json")));
  const packages = { ...manifest.dependencies, ...manifest.devDependencies };

  test("has what every project has", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        ".env.example",
        ".github/workflows/ci.yml",
        ".gitignore",
        "AGENTS.md",
        "README.md",
        "bin/app.ts",
        "bin/defaults.ts",
        "cdk.json",
        "package.json",
        "tsconfig.json",
      ]),
    );
    expect(files.filter((file) => /^test\/[\w-]+\.test\.ts$/.test(file))).toHaveLength(1);
    expect(files.filter((file) => GENERATED.test(file) || /node_modules|(^|\/)_/.test(file))).toEqual([]);
  });

  test("has no placeholder left, and its own name where it belongs", () => {
    for (const file of files) expect(read(join(root, file)), file).not.toMatch(/\{\{\w/);
    for (const file of ["README.md", "AGENTS.md"]) expect(read(join(root, file))).toContain(name);
  });

  test("takes its packages in the versions that the kit was tested with", () => {
    for (const [name, version] of Object.entries(packages).filter(([name]) => name !== "fanout"))
      expect(version, name).toBe(
        { ...chat.dependencies, ...chat.devDependencies, ...kit.devDependencies, ...kit.dependencies }[name],
      );
  });

  test("imports what it has: its own files, its packages, the kit's doors", () => {
    for (const file of files.filter((one) => /\.tsx?$/.test(one))) {
      const code = read(join(root, file));
      const named = [...code.matchAll(/(?:^import|\bfrom) "([^"]+)"/gm)].map(([, to = ""]) => to);
      for (const to of named) {
        if (to.startsWith("node:")) continue;
        const door = to.replace(/^fanout/, ".");
        const target = join(dirname(file), to);
        const isThere = to.startsWith(".")
          ? existsSync(join(root, target)) || GENERATED.test(target)
          : to.startsWith("fanout/")
            ? Object.hasOwn(kit.exports, door)
            : Object.keys(packages).some((name) => to === name || to.startsWith(`${name}/`));
        expect(isThere, `${file} -> ${to}`).toBe(true);
      }
    }
  });

  test.each(["README.md", "AGENTS.md"])("%s names commands and files that there are", (file) => {
    const text = read(join(root, file));
    const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = ""]) => script);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...scripts, "start", "test"]));
    const called = [...text.matchAll(/\bnpx fanout ((?:new )?\w+)/g)].map(([, command = ""]) => command);
    expect(commandNames(commands)).toEqual(expect.arrayContaining(called));
    expect(scripts.length + called.length).toBeGreaterThan(4);
    const paths = [...text.matchAll(/^\| `([\w./-]+)`/gm)].map(([, path = ""]) => path);
    for (const path of file === "README.md" ? paths : ["bin/app.ts"])
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  test("keeps what is generated or secret out of Git", () => {
    const ignored = read(join(root, ".gitignore")).split("\n");
    expect(ignored).toEqual(
      expect.arrayContaining([
        "node_modules/",
        "cdk.out/",
        ".fanout/",
        ".env",
        "functions/agents/index.ts",
        "functions/tools/index.ts",
        "functions/tools/stand-ins.ts",
      ]),
    );
  });
});

test("the kit's own workflow and a project's take the same actions", () => {
  const actionsIn = (path: string) =>
    [...read(join(ROOT, path)).matchAll(/uses: (.+)/g)].map(([, one]) => one);
  const own = actionsIn(".github/workflows/check.yml");
  expect(actionsIn("lib/create/templates/common/_github/workflows/ci.yml")).toEqual(own);
});

describe("the published package", () => {
  const built = join(here, "kit");
  const create = join(built, "lib/create");
  mkdirSync(create, { recursive: true });
  for (const file of globSync("*.ts", { cwd: import.meta.dirname }).filter(
    (one) => !one.endsWith(".test.ts"),
  ))
    cpSync(join(import.meta.dirname, file), join(create, file));
  writeFileSync(
    join(built, "package.json"),
    JSON.stringify({ name: "kit", version: "9.8.7", type: "module" }),
  );
  assembleTemplates(join(create, "templates"));

  test.each(TEMPLATES)("makes %s from its own files, as the repository does", async (template) => {
    const { createProject: make } = await import(pathToFileURL(join(create, "index.ts")).href);
    const { files } = make({ directory: join(here, "built", `${template}-app`), template, fanout: "1.0.0" });
    const fromSources = createProject({
      directory: join(here, "sources", `${template}-app`),
      template,
      fanout: "1.0.0",
    });
    expect(files).toEqual(fromSources.files);
    for (const file of files)
      expect(read(join(here, "built", `${template}-app`, file)), file).toBe(
        read(join(fromSources.root, file)),
      );
    expect(statSync(join(create, "templates", template)).isDirectory()).toBe(true);
  });

  test("has files whose names npm keeps, and none that ends the kit's own names", () => {
    const assembled = globSync("**", { cwd: join(create, "templates") }).filter(
      (path) => !statSync(join(create, "templates", path)).isDirectory(),
    );
    const [pack] = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: built,
        encoding: "utf8",
      }),
    );
    const packed = pack.files.map(({ path }: { path: string }) => path);
    expect(packed).toEqual(expect.arrayContaining(assembled.map((path) => `lib/create/templates/${path}`)));
    expect(assembled.filter((path) => /(^|\/)package\.json$/.test(path))).toEqual([]);
  });
});
