import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimProject, readState, removeState, stateDirectory, writeState } from "./state-file.ts";

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
  writeFileSync(join(stateDirectory(root), "lock"), String(pid));
};

test("a project without a platform has no state", () => {
  expect(readState(root)).toBeUndefined();
});

test("the state of a running platform is read as it was written, until it is removed", () => {
  const platform = sleeper("fanout");
  try {
    leaveState(Number(platform.pid));
    expect(readState(root)).toEqual(stateOf(Number(platform.pid)));
    removeState(root);
    expect(readState(root)).toBeUndefined();
  } finally {
    platform.kill();
  }
});

test("what a dead platform left behind is no platform, and is in nobody's way", () => {
  leaveState(deadPid());
  expect(readState(root)).toBeUndefined();
  leaveLock(deadPid());
  claimProject(root)();
});

test.runIf(process.platform === "linux")("nor is another program that got the dead platform's number", () => {
  const stranger = sleeper();
  try {
    leaveState(Number(stranger.pid));
    expect(readState(root)).toBeUndefined();
  } finally {
    stranger.kill();
  }
});

test("a project can be claimed once, from before the platform is ready", () => {
  const platform = sleeper("fanout");
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
  writeFileSync(join(stateDirectory(root), "restate.log"), "");
  release();
  expect(existsSync(stateDirectory(root))).toBe(true);
  expect(readdirSync(stateDirectory(root))).toEqual(["restate.log"]);
});
