import { randomUUID } from "node:crypto";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { Environment } from "../lib/lambda-host/execution-environment.ts";
import { runtimeApi } from "../lib/lambda-host/runtime-api.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../lib/stack/index.ts";

// What a cold start takes in the Lambda host, from the process's start until it asks for its first request: the bundles as
// they are deployed, and a tool's with its source map loaded at the start. Run alone: npm run bench:cold-start [rounds]

const ROUNDS = Number(process.argv[2] ?? 15);
const SOURCE_MAPS = { NODE_OPTIONS: "--enable-source-maps" };
/** Restate's first question to a service; a plain function takes it as any event. */
const DISCOVERY = {
  path: "/discover",
  headers: { accept: "application/vnd.restate.endpointmanifest.v4+json" },
  body: "",
};

const directory = mkdtempSync(join(tmpdir(), "fanout-bench-"));
const bundle = (name: string) => join(directory, name);
const functions = join(import.meta.dirname, "../test/support/functions");

/** A copy of the tool's bundle that refers to its map. */
function withMap(name: string, url: string): string {
  cpSync(bundle("tool"), bundle(name), { recursive: true });
  appendFileSync(join(bundle(name), "index.mjs"), `\n//# sourceMappingURL=${url}\n`);
  return bundle(name);
}

function variants(): Record<string, { codeDir: string; variables?: Record<string, string> }> {
  writeFileSync(bundle("plain.ts"), "export const handler = async () => 1;");
  bundleFunctions(
    {
      plain: bundle("plain.ts"),
      tool: join(functions, "gate/handler.ts"),
      agent: join(functions, "structured/handler.ts"),
    },
    directory,
  );
  const map = readFileSync(join(bundle("tool"), "index.mjs.map"), "base64");
  const inline = withMap("inline", `data:application/json;base64,${map}`);
  return {
    "plain handler": { codeDir: bundle("plain") },
    "a tool": { codeDir: bundle("tool") },
    "an agent": { codeDir: bundle("agent") },
    "a tool, map beside, --enable-source-maps": {
      codeDir: withMap("linked", "index.mjs.map"),
      variables: SOURCE_MAPS,
    },
    "a tool, map inline": { codeDir: inline },
    "a tool, map inline, --enable-source-maps": { codeDir: inline, variables: SOURCE_MAPS },
  };
}

let starting: Environment | undefined;
const app = new Hono().route(
  "/environments",
  runtimeApi(() => starting),
);
const server = createServer(getRequestListener(app.fetch));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

async function coldStart(codeDir: string, variables: Record<string, string> = {}): Promise<number> {
  const environment = new Environment({
    spec: { name: "f", codeDir, handler: BUNDLE_HANDLER, memoryMb: 512, timeoutSeconds: 60, environment: {} },
    taskRoot: codeDir,
    runtimeApi: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    provisioned: false,
    variables: { ...variables, _HANDLER: BUNDLE_HANDLER, LAMBDA_TASK_ROOT: codeDir, PATH: "/usr/bin:/bin" },
  });
  starting = environment;
  const payload = Buffer.from(JSON.stringify(DISCOVERY));
  const invocation = { requestId: randomUUID(), payload, invokedArn: "" };
  const outcome = (await environment.whenInitialised)
    ? await environment.invoke(invocation).outcome
    : environment.startFailure(invocation);
  environment.kill();
  await environment.exited;
  if (outcome.functionError) throw new Error(`${codeDir} failed: ${outcome.body}`);
  return environment.initMs as number;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

try {
  const measured = Object.entries(variants()).map(([name, variant]) => ({
    name,
    variant,
    times: [] as number[],
  }));
  // Round by round, so that what else the machine does falls on all alike; the first one only fills the disk's cache.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { variant, times } of measured) {
      const time = await coldStart(variant.codeDir, variant.variables);
      if (round > 0) times.push(time);
    }
  }
  const baseline = median(measured[0]?.times ?? []);
  const rows = measured.map(({ name, times }) => {
    const ms = median(times);
    return `${ms.toFixed(0).padStart(6)} ms  ${(ms / baseline).toFixed(2).padStart(5)}  ${Math.min(...times)
      .toFixed(0)
      .padStart(6)} ms  ${name}`;
  });
  process.stdout.write(`${ROUNDS} cold starts each\n  median  ratio     least\n${rows.join("\n")}\n`);
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
}
