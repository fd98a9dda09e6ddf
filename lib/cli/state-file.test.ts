import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimProject } from "./platform/claim.ts";
import { platformFiles, readState, removeState, writeState } from "./state-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-state-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const stateOf = (platform: number) => ({
  ingressUrl: "http://127.0.0.1:1",
  adminUrl: "http://127.0.0.1:2",
  lambdaUrl: "http://127.0.0.1:3",
  sandboxUrl: "http://127.0.0.1:4",
  routesUrl: "http://127.0.0.1:5",
  pids: { platform, restateServer: 5 },
});
const sleeper = (...args: string[]) =>
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ...args]);
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;
const leaveState = (pid: number) => {
  claimProject(root)();
  writeState(root, stateOf(pid));
};
const leaveLock = (pid: number) => {
  claimProject(root)();
  writeFileSync(join(platformFiles(root).folder, "lock"), String(pid));
};

test("a project without a platform has no state", () => {
  expect(readState(root)).toBeUndefined();
});

test("the state of a running platform is read as it was written, until it is removed", () => {
  const platform = sleeper("bin/fanout.ts");
  try {
    leaveState(Number(platform.pid));
    expect(readState(root)).toEqual(stateOf(Number(platform.pid)));
    removeState(root);
    expect(readState(root)).toBeUndefined();
  } finally {
    platform.kill();
  }
});

test("what a dead platform left behind does not count as a platform, and is in nobody's way", () => {
  leaveState(deadPid());
  expect(readState(root)).toBeUndefined();
  leaveLock(deadPid());
  claimProject(root)();
});

test.runIf(process.platform === "linux")(
  "nor does another program that got the dead platform's process id",
  () => {
    const stranger = sleeper();
    try {
      leaveState(Number(stranger.pid));
      expect(readState(root)).toBeUndefined();
    } finally {
      stranger.kill();
    }
  },
);

test("a project can be claimed once, from before the platform is ready", () => {
  const platform = sleeper("bin/fanout.ts");
  try {
    leaveLock(Number(platform.pid));
    expect(() => claimProject(root)).toThrow(`already runs here (process ${platform.pid})`);
  } finally {
    platform.kill();
  }
});

test("giving the claim back removes the platform's files and leaves the logs", () => {
  const release = claimProject(root);
  writeState(root, stateOf(process.pid));
  writeFileSync(join(platformFiles(root).folder, "restate.log"), "");
  release();
  expect(existsSync(platformFiles(root).folder)).toBe(true);
  expect(readdirSync(platformFiles(root).folder)).toEqual(["restate.log"]);
});

test.each([
  ["no JSON", '{"ingressUrl": "http://127.0'],
  ["nothing", ""],
  ["something else", "{}"],
  ["a list", "[]"],
  ["null", "null"],
  ["no process ids", JSON.stringify({ ...stateOf(1), pids: { platform: "1" } })],
])("a state file with %s in it is called damaged, with what to do", (_, content) => {
  mkdirSync(platformFiles(root).folder);
  const file = join(platformFiles(root).folder, "state.json");
  writeFileSync(file, content);
  expect(() => readState(root)).toThrow(
    `${file} is damaged: expected what a running platform writes there. Remove it; if the platform runs, end it and start it again with: npx fanout up`,
  );
});

test("only the owner can read what a platform writes, whatever the umask and the folder were", () => {
  const before = process.umask(0);
  try {
    mkdirSync(platformFiles(root).folder, { mode: 0o777 });
    chmodSync(platformFiles(root).folder, 0o777);
    const release = claimProject(root);
    writeState(root, stateOf(process.pid));
    mkdirSync(join(platformFiles(root).folder, "run"));
    writeFileSync(join(platformFiles(root).folder, "run/journal"), "");
    const files = ["", "lock", "state.json", "run", "run/journal"];
    const modes = files.map((file) => statSync(join(platformFiles(root).folder, file)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o700, 0o600]);
    release();
    expect(process.umask(), "the umask is as it was").toBe(0);
  } finally {
    process.umask(before);
  }
});
