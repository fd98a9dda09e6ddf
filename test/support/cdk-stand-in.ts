import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";
import { ROOT } from "./imports.ts";

/** Tells the test what it was called with, ends as the test says, and writes the stack's outputs as `cdk deploy` does. */
const PROGRAM = (url: string) => `#!${process.execPath}
const { writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
fetch("${url}", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(args) })
  .then((response) => response.json())
  .then(({ code, outputs }) => {
    const at = args.indexOf("--outputs-file");
    if (at >= 0 && code === 0) writeFileSync(args[at + 1], JSON.stringify(outputs));
    process.exit(code);
  });
`;

/** How a command of the stand-in ends. */
export interface CdkEnd {
  code: number;
  outputs?: Record<string, Record<string, string>>;
}

/** A project's folder in which an executable stands in for CDK's command line, which works with AWS only. */
export interface CdkStandIn {
  root: string;
  /** The arguments of every call. */
  calls: string[][];
  /** What a command does. Default: nothing, and well. */
  on(command: (args: string[]) => Promise<CdkEnd>): void;
  stop(): Promise<void>;
}

export async function startCdkStandIn(): Promise<CdkStandIn> {
  const root = mkdtempSync(join(tmpdir(), "fanout-cdk-stand-in-"));
  const calls: string[][] = [];
  let answer = async (_: string[]): Promise<CdkEnd> => ({ code: 0 });
  const app = new Hono().post("/", async (c) => {
    const args = (await c.req.json()) as string[];
    calls.push(args);
    return c.json(await answer(args));
  });
  const server = await serveOnLoopback(app);
  writeCdk(root, PROGRAM(server.url));
  return {
    root,
    calls,
    on(command) {
      answer = command;
    },
    async stop() {
      await server.stop();
      rmSync(root, { recursive: true });
    },
  };
}

/** A project's folder with CDK's real command line, which writes into a file instead of the test's terminal. */
export function quietCdk(): { root: string; written(): string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "fanout-cdk-"));
  const log = join(root, "cdk.log");
  const real = join(ROOT, "node_modules/.bin/cdk");
  writeCdk(
    root,
    `#!/bin/sh\nCDK_DISABLE_CLI_TELEMETRY=true exec '${process.execPath}' '${real}' "$@" >> '${log}' 2>&1\n`,
  );
  return { root, written: () => readFileSync(log, "utf8"), remove: () => rmSync(root, { recursive: true }) };
}

function writeCdk(root: string, program: string): void {
  const file = join(root, "node_modules/.bin/cdk");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, program);
  chmodSync(file, 0o755);
  writeFileSync(join(root, "cdk.json"), JSON.stringify({ notices: false }));
}
