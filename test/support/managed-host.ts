import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import {
  type LambdaHost,
  type LambdaHostOptions,
  type Spec,
  startLambdaHost,
} from "../../lib/lambda-host/index.ts";
import { type Gate, startGate } from "./gate.ts";

/** Waits for the event's URL if there is one, then describes its environment. */
export const HANDLER = `
  export const handler = async ({ url, exit }) => {
    if (exit) process.exit(exit);
    if (url) await fetch(url, { method: "POST" });
    const { WORD, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_INITIALIZATION_TYPE } = process.env;
    return { pid: process.pid, word: WORD, memory: AWS_LAMBDA_FUNCTION_MEMORY_SIZE, type: AWS_LAMBDA_INITIALIZATION_TYPE };
  };
`;

interface Answer {
  pid: number;
  word?: string;
  memory: string;
  type: string;
}

const temporary: string[] = [];
const hosts: LambdaHost[] = [];
let gate: Gate;
let standardCode: string | undefined;
/** Lets the tests of a file use what is here. */
export function manageHosts(): void {
  beforeAll(async () => {
    gate = await startGate();
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });
  afterAll(async () => {
    await gate.stop();
    for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true });
    standardCode = undefined;
  });
}

/** A folder with a function's code, removed after the file's tests. */
export function codeFolder(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "managed-host-test-"));
  temporary.push(folder);
  writeFileSync(join(folder, "index.mjs"), source);
  return folder;
}

/** A function with the code of `HANDLER`. */
export function spec(name: string, more: Partial<Spec> = {}): Spec {
  standardCode ??= codeFolder(HANDLER);
  const rest = { handler: "index.handler", memoryMb: 256, timeoutSeconds: 20, environment: {} };
  return { name, codeDir: standardCode, ...rest, ...more };
}

/** Holds every request whose event has this URL until it is opened. */
export function holdRequests() {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.use(() => promise);
  return { url: `${gate.url}/held`, waiting: () => gate.history.length, open: resolve };
}

/** Waits, with a bound, until the assertion holds. */
export const eventually = (assertion: () => void | Promise<void>) =>
  vi.waitFor(assertion, { timeout: 15_000, interval: 10 });

/** The real host with these functions, which stops after the test, and the real client of the AWS SDK. */
export async function startManagedHost(functions: Spec[], more: Partial<LambdaHostOptions> = {}) {
  const host = await startLambdaHost({ functions, ...more });
  hosts.push(host);
  const client = new LambdaClient({
    endpoint: host.url,
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    maxAttempts: 1,
  });
  const invoke = async (name: string, event: { url?: string; exit?: number } = {}): Promise<Answer> => {
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
    const { Payload } = await client.send(command);
    return JSON.parse(Payload?.transformToString() ?? "null");
  };
  return { host, client, invoke };
}
