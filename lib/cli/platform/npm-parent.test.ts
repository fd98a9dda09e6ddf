import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const MODULE = new URL("./npm-parent.ts", import.meta.url).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fanout-npm-"));
});
afterEach(() => {
  for (const name of ["by npm", "by a person"]) killIfAlive(pidIn(name));
  rmSync(folder, { recursive: true });
});

const pidIn = (name: string) => Number(readFileSync(join(folder, name), "utf8"));
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}

/** Writes its process id to a file, and another file when npm is gone. */
const child = (name: string, environment: object) => `
  import { writeFileSync } from "node:fs";
  import { whenNpmEnds } from ${JSON.stringify(MODULE)};
  whenNpmEnds(${JSON.stringify(environment)}, () => writeFileSync(${JSON.stringify(join(folder, `${name} is gone`))}, ""));
  writeFileSync(${JSON.stringify(join(folder, name))}, String(process.pid));
  setInterval(() => {}, 1000);`;

/** The same if npm needs no shell in between. */
const DIRECT_PARENT = `
  const { spawn } = await import("node:child_process");
  for (const code of process.argv.slice(1))
    spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
  setInterval(() => {}, 1000);`;

/** A parent that starts both children in shells that stay in between, as npm does when dash runs its script. */
const PARENT = `
  const { spawn } = await import("node:child_process");
  for (const code of process.argv.slice(1))
    spawn("sh", ["-c", '"$0" --input-type=module -e "$1"; true', process.execPath, code], { stdio: "ignore" });
  setInterval(() => {}, 1000);`;

test.each([
  ["SIGKILL", "in a shell", PARENT],
  ["SIGTERM", "in a shell", PARENT],
  ["SIGKILL", "itself", DIRECT_PARENT],
] as const)(
  "the %s of npm reaches what npm started %s, and nobody else",
  async (signal, _how, parentCode) => {
    const codes = [child("by npm", { npm_lifecycle_event: "npx" }), child("by a person", {})];
    const parent = spawn(process.execPath, ["--input-type=module", "-e", parentCode, ...codes], {
      stdio: "ignore",
    });
    const started = () => ["by npm", "by a person"].every((name) => existsSync(join(folder, name)));
    await expect.poll(started, { timeout: 20_000 }).toBe(true);
    expect(existsSync(join(folder, "by npm is gone"))).toBe(false);
    parent.kill(signal);
    await once(parent, "exit");
    await expect.poll(() => existsSync(join(folder, "by npm is gone")), { timeout: 20_000 }).toBe(true);
    expect(existsSync(join(folder, "by a person is gone"))).toBe(false);
    expect(process.kill(pidIn("by a person"), 0)).toBe(true);
  },
  30_000,
);
