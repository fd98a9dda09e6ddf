import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { createProject, TEMPLATES } from "../lib/create/index.ts";
import { ROOT } from "./support/imports.ts";

const CHAT_PACKAGES = join(ROOT, "examples/chat/node_modules");
/** A compiler, or a platform and a bundler: two of them on a busy machine. */
const PATIENCE_MS = 240_000;

const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-made-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Links packages and their programs into a project, as if npm had installed them there. */
function linkPackages(from: string, root: string): void {
  const names = readdirSync(from).flatMap((name) =>
    name.startsWith("@") || name === ".bin"
      ? readdirSync(join(from, name)).map((one) => join(name, one))
      : name,
  );
  for (const name of names.filter((one) => !/^\.(?!bin)/.test(one))) link(join(from, name), root, name);
}

function link(target: string, root: string, name: string): void {
  const path = join(root, "node_modules", name);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function makeProject(template: string): string {
  const { root } = createProject({ directory: join(folder, `my-${template}`), template });
  link(ROOT, root, "fanout");
  link(join(ROOT, "bin/fanout.ts"), root, ".bin/fanout");
  linkPackages(join(ROOT, "node_modules"), root);
  if (template === "chat" && existsSync(CHAT_PACKAGES)) linkPackages(CHAT_PACKAGES, root);
  return root;
}

/** What a person runs after `npm install`. @throws Error with what it has printed if it fails. */
const npm = (root: string, ...args: string[]) =>
  promisify(execFile)("npm", args, {
    cwd: root,
    env: { PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`, HOME: folder, NO_COLOR: "1" },
  }).catch(({ stdout, stderr }) => {
    throw new Error(`npm ${args.join(" ")}: ${stdout}${stderr}`);
  });

/** What npm installs of the kit is tested with the smallest one: test/package. */
const LARGER = TEMPLATES.filter((template) => template !== "minimal");

describe.each(LARGER)("a project made from %s", (template) => {
  const root = makeProject(template);
  const missing = template === "chat" && !existsSync(CHAT_PACKAGES);

  test.skipIf(missing)(
    "has no type error, from its rosters to its page",
    { timeout: PATIENCE_MS },
    async () => {
      const { stdout } = await npm(root, "run", "types");
      expect(stdout).toContain(
        "Written: functions/tools/index.ts, functions/tools/stand-ins.ts, functions/agents/index.ts",
      );
    },
  );

  test("passes its own tests, on its own platform", { timeout: PATIENCE_MS }, async () => {
    const { stdout } = await npm(root, "test");
    expect(stdout).toMatch(/Tests {2}\d+ passed \(\d+\)/);
  });
});
