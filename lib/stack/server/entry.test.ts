import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { agent, deployedTargets } from "../../../test/support/stack.ts";
import { defineAgent } from "../../agent/index.ts";
import { synthesise } from "../app.ts";
import { SERVER_BUNDLE, serverEntry } from "./entry.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-server-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const entryFor = (settings = {}) => {
  const parent = defineAgent({ ...agent, name: "ParentAgent", tools: [agent] });
  return serverEntry({ functions: root, agents: [agent, parent] }, join(root, "out"), settings);
};

test("it serves the project's file: agents that no other agent calls, for as long as the settings say", () => {
  mkdirSync(join(root, "server"));
  writeFileSync(join(root, "server/server.ts"), "");
  const code = readFileSync(entryFor({ streamSeconds: 60 })[SERVER_BUNDLE] ?? "", "utf8");
  expect(code).toContain(JSON.stringify(join(root, "server/server.ts")));
  expect(code).toContain('{"agents":[{"name":"ParentAgent"}],"streamSeconds":60}');
});

test("without the folder there is none, and settings of it are a mistake", () => {
  expect(serverEntry({ functions: root, agents: [] }, root, undefined)).toEqual({});
  expect(() => entryFor()).toThrow(
    /^bin\/stack\.ts: server: there are no routes to serve: no .*server\.ts\.$/,
  );
});

test("a folder without its file is named", () => {
  mkdirSync(join(root, "server"));
  expect(() => entryFor()).toThrow(/server lacks server\.ts\.$/);
});

test("a project that has the file is synthesised with its routes, past every check", async () => {
  vi.stubEnv("CDK_OUTDIR", root);
  const project = {
    functions: join(import.meta.dirname, "../../../test/support/functions"),
    tools: [],
    agents: [],
    environment: { ...deployedTargets.cloud, RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key" },
  };
  expect(await synthesise(project)).toBe(0);
  const { Outputs } = JSON.parse(readFileSync(join(root, "fanout-dev.template.json"), "utf8"));
  expect(Object.keys(Outputs)).toContain("ServerUrl");
});
