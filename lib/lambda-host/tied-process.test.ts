import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { findSetpriv } from "./tied-process.ts";

const MODULE = new URL("./tied-process.ts", import.meta.url).href;

/** A zombie is gone: only its parent's bookkeeping is left. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const ways: [string, string | null][] = [["a shell on a pipe", null]];
const setpriv = findSetpriv();
if (setpriv) ways.push(["setpriv", setpriv]);

test.each(ways)("a stopped child dies with its parent's SIGKILL, by %s", async (_way, path) => {
  const script = `
    const { spawnTied } = await import(${JSON.stringify(MODULE)});
    const child = spawnTied("/bin/sh", ["-c", "echo runs; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] }, ${JSON.stringify(path)});
    child.stdout.once("data", () => { process.kill(child.pid, "SIGSTOP"); process.stdout.write(String(child.pid)); });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await once(parent.stdout, "data");
  const pid = Number(output);
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 3_000, interval: 10 });
});
