import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  InvalidRequestContentException,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  RequestTooLargeException,
  ResourceNotFoundException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { build } from "esbuild";
import getPort from "get-port";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type LambdaHost,
  type LambdaHostOptions,
  type Spec,
  spawnTied,
  startLambdaHost,
} from "../lib/lambda-host/index.ts";
import { startRestateServer } from "../lib/local/index.ts";
import { restateServerBinary } from "../lib/local/restate/binary.ts";
import { whenReady } from "../lib/local/restate/ready.ts";
import { restateEnvironment } from "../lib/local/restate/server-environment.ts";
import { query, registerLambda } from "../lib/restate/index.ts";

const REPOSITORY = join(import.meta.dirname, "..");

/** A handler that does what its event says. `state` belongs to the execution environment. */
const HANDLER = `
  import { readdirSync } from "node:fs";
  import { getCompileCacheDir } from "node:module";
  import { setTimeout as sleep } from "node:timers/promises";
  import { getHeapStatistics } from "node:v8";
  const kept = getCompileCacheDir() && readdirSync(getCompileCacheDir()).length;
  const state = { running: 0, mostRunning: 0, ticks: 0, hoard: [] };
  const actions = {
    echo: ({ value }) => value,
    hold: async ({ url }) => (await fetch(url)).text(),
    hang: () => { for (;;); },
    exit: ({ code }) => process.exit(code),
    crash: () => { setImmediate(() => { throw new Error("uncaught") }); return sleep(10_000); },
    reject: () => { Promise.reject(new TypeError("unhandled")); return sleep(10_000); },
    throw: () => { throw new RangeError("no such city"); },
    hoard: async ({ mb }) => { for (let i = 0; i < mb; i++) state.hoard.push(Buffer.alloc(1 << 20, 1)); await sleep(10_000); },
    heap: () => getHeapStatistics().heap_size_limit,
    environment: () => process.env,
    compiled: () => ({ kept, argv: process.argv.length }),
    context: async (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }),
    tick: () => { setInterval(() => state.ticks++, 5); return 0; },
    ticks: () => state.ticks,
    large: ({ bytes }) => "x".repeat(bytes),
    log: ({ text }) => { console.info({ event: text }); console.error("%s", text, new TypeError(text)); console.debug(text); },
    write: ({ text }) => { process.stdout.write(text + "\\n"); process.stderr.write(text + "\\n"); },
  };
  export const handler = async (event, context) => {
    state.running++;
    state.mostRunning = Math.max(state.mostRunning, state.running);
    try {
      const value = await (actions[event.do] ?? actions.echo)(event, context);
      return { pid: process.pid, mostRunning: state.mostRunning, value };
    } finally {
      state.running--;
    }
  };
`;

const temporary: string[] = [];
function temporaryFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, ".lambda-host-test-"));
  temporary.push(folder);
  return folder;
}

function codeFolder(source: string, parent?: string): string {
  const folder = temporaryFolder(parent);
  writeFileSync(join(folder, "index.mjs"), source);
  return folder;
}

function spec(name: string, more: Partial<Spec> = {}): Spec {
  return {
    name,
    codeDir: standardCode,
    handler: "index.handler",
    memoryMb: 256,
    timeoutSeconds: 20,
    environment: {},
    ...more,
  };
}

/** An HTTP server whose answers wait until they are let go, each path on its own. */
async function startGate() {
  const held = new Map<string, ServerResponse[]>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    held.set(path, [...(held.get(path) ?? []), response]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    waiting: (path = "/") => held.get(path)?.length ?? 0,
    open: (path = "/", answer = "open") => {
      for (const response of held.get(path) ?? []) response.end(answer);
      held.delete(path);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
type Gate = Awaited<ReturnType<typeof startGate>>;

/** Waits, with a bound, until the assertion holds. */
const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 15_000, interval: 10 });

function isRunning(pid: number): boolean {
  return processState(pid) !== undefined && processState(pid) !== "Z";
}

/** Linux's letter for what a process does, such as T for stopped; elsewhere only whether it is there. */
function processState(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return "?";
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

let standardCode: string;
let gate: Gate;
const hosts: LambdaHost[] = [];

beforeAll(async () => {
  standardCode = codeFolder(HANDLER);
  gate = await startGate();
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});
afterAll(() => {
  gate.close();
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

async function start(functions: Spec[], more: Partial<LambdaHostOptions> = {}) {
  const host = await startLambdaHost({ functions, ...more });
  hosts.push(host);
  const client = new LambdaClient({
    endpoint: host.url,
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    maxAttempts: 1,
  });
  const send = (FunctionName: string, payload: unknown, input: Partial<InvokeCommandInput> = {}) =>
    client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload), ...input }));
  const invoke = async (name: string, payload: unknown, input?: Partial<InvokeCommandInput>) => {
    const { FunctionError, Payload, ExecutedVersion } = await send(name, payload, input);
    return { FunctionError, ExecutedVersion, result: JSON.parse(Payload?.transformToString() ?? "null") };
  };
  const stats = (name: string) => {
    const found = host.stats().functions[name];
    if (!found) throw new Error(`No statistics of ${name}.`);
    return found;
  };
  return { host, send, invoke, stats };
}

describe("the Invoke API", () => {
  test("takes a name, a version, an ARN, a partial ARN and a qualifier", async () => {
    const { host, invoke } = await start([spec("f")]);
    const arn = host.arn("f");
    expect(arn).toBe("arn:aws:lambda:us-east-1:000000000000:function:f:1");
    const version = async (name: string, Qualifier?: string) =>
      (await invoke(name, { do: "echo" }, Qualifier ? { Qualifier } : {})).ExecutedVersion;
    expect(await version("f")).toBe("$LATEST");
    expect(await version("f:1")).toBe("1");
    expect(await version("f", "1")).toBe("1");
    expect(await version("f", "$LATEST")).toBe("$LATEST");
    expect(await version(arn)).toBe("1");
    expect(await version(arn.replace(/:1$/, ""))).toBe("$LATEST");
    expect(await version("000000000000:function:f:1")).toBe("1");
  });

  test("answers what it does not find with ResourceNotFoundException", async () => {
    const { send } = await start([spec("f")]);
    for (const name of ["g", "f:2", "arn:aws:lambda:eu-west-1:000000000000:function:f"])
      await expect(send(name, {})).rejects.toThrow(ResourceNotFoundException);
    await expect(send("f:1", {}, { Qualifier: "2" })).rejects.toThrow(/qualifier/);
  });

  test("DryRun checks and does not run; Event is accepted and runs later, throttled or not", async () => {
    const { send, stats } = await start([spec("f", { reservedConcurrency: 1 })]);
    expect((await send("f", {}, { InvocationType: "DryRun" })).StatusCode).toBe(204);
    await expect(send("g", {}, { InvocationType: "DryRun" })).rejects.toThrow(ResourceNotFoundException);
    expect(stats("f").invocations).toBe(0);

    const event = { do: "hold", url: `${gate.url}/event` };
    for (let i = 0; i < 2; i++)
      expect((await send("f", event, { InvocationType: "Event" })).StatusCode).toBe(202);
    await eventually(() => expect(gate.waiting("/event")).toBe(1));
    await eventually(() => expect(stats("f").throttles).toBeGreaterThan(0));
    gate.open("/event");
    await eventually(() => expect(gate.waiting("/event")).toBe(1));
    gate.open("/event");
    await eventually(() => expect(stats("f")).toMatchObject({ invocations: 2, maxConcurrent: 1, errors: 0 }));
  });

  test("refuses payloads over the quotas and what is not JSON", async () => {
    const { send, invoke } = await start([spec("f")]);
    const ofBytes = (bytes: number) => "x".repeat(bytes - '{"do":"echo","pad":""}'.length);
    const most = { do: "echo", pad: ofBytes(6 * 1024 * 1024) };
    expect((await invoke("f", most)).FunctionError).toBeUndefined();
    await expect(send("f", { ...most, pad: `${most.pad}x` })).rejects.toThrow(RequestTooLargeException);
    const event = { do: "echo", pad: ofBytes(1024 * 1024 + 1) };
    await expect(send("f", event, { InvocationType: "Event" })).rejects.toThrow(RequestTooLargeException);
    await expect(send("f", undefined, { Payload: Buffer.from("{oops") })).rejects.toThrow(
      InvalidRequestContentException,
    );
  });

  test("a response over the quota is a function error, and the environment lives on", async () => {
    const { invoke } = await start([spec("f")]);
    const first = await invoke("f", { do: "echo" });
    const large = await invoke("f", { do: "large", bytes: 6 * 1024 * 1024 + 100 });
    expect(large).toMatchObject({
      FunctionError: "Unhandled",
      result: { errorType: "Function.ResponseSizeTooLarge" },
    });
    expect((await invoke("f", { do: "echo" })).result.pid).toBe(first.result.pid);
  });

  test("the handler gets AWS's context", async () => {
    const { host, invoke } = await start([spec("f", { memoryMb: 300, timeoutSeconds: 7 })]);
    const { value } = (await invoke("f:1", { do: "context" })).result;
    expect(value).toMatchObject({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionName: "f",
      functionVersion: "1",
      invokedFunctionArn: host.arn("f"),
      memoryLimitInMB: "300",
    });
    expect(value.remaining).toBeGreaterThan(6_000);
    expect(value.remaining).toBeLessThanOrEqual(7_000);
  });
});

describe("execution environments", () => {
  test("never share a request: eight at once take eight processes, which are used again", async () => {
    const { host, invoke, stats } = await start([spec("f")]);
    const all = async () => {
      const running = Array.from({ length: 8 }, () => invoke("f", { do: "hold", url: `${gate.url}/share` }));
      await eventually(() => expect(gate.waiting("/share")).toBe(8));
      gate.open("/share");
      return (await Promise.all(running)).map(({ result }) => result as { pid: number; mostRunning: number });
    };
    const first = await all();
    const second = await all();
    const pids = new Set(first.map(({ pid }) => pid));
    expect(pids.size).toBe(8);
    expect(new Set(second.map(({ pid }) => pid))).toEqual(pids);
    expect([...first, ...second].every(({ mostRunning }) => mostRunning === 1)).toBe(true);
    expect(stats("f")).toMatchObject({ invocations: 16, coldStarts: 8, maxConcurrent: 8 });
    expect(new Set(host.pids())).toEqual(pids);
  });

  test("an environment is free as soon as its answer is there", async () => {
    const { invoke, stats } = await start([spec("f", { reservedConcurrency: 1 })]);
    for (let i = 0; i < 50; i++) await invoke("f", { do: "echo" });
    expect(stats("f")).toMatchObject({ invocations: 50, coldStarts: 1, throttles: 0 });
  });

  test("reserved concurrency holds over all versions; beyond it requests are throttled", async () => {
    const { invoke, send, stats } = await start([spec("f", { reservedConcurrency: 2 }), spec("g")]);
    const running = ["f", "f:1"].map((name) => invoke(name, { do: "hold", url: `${gate.url}/reserved` }));
    await eventually(() => expect(gate.waiting("/reserved")).toBe(2));
    const refused = await send("f", {}).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TooManyRequestsException);
    expect(refused).toMatchObject({ Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" });
    expect((await invoke("g", { do: "echo" })).FunctionError).toBeUndefined();
    gate.open("/reserved");
    await Promise.all(running);
    expect((await invoke("f", { do: "echo" })).FunctionError).toBeUndefined();
    expect(stats("f")).toMatchObject({ invocations: 3, throttles: 1, errors: 0 });
  });

  test("functions without reserved concurrency share the rest of the account's", async () => {
    const { invoke, send } = await start([spec("f"), spec("g"), spec("r", { reservedConcurrency: 1 })], {
      accountConcurrency: 2,
      unreservedMinimum: 0,
    });
    const running = invoke("f", { do: "hold", url: `${gate.url}/account` });
    await eventually(() => expect(gate.waiting("/account")).toBe(1));
    await expect(send("g", {})).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ConcurrentInvocationLimitExceeded",
    });
    expect((await invoke("r", { do: "echo" })).FunctionError).toBeUndefined();
    gate.open("/account");
    await running;
  });

  test("a request over the function's timeout is killed, even in a busy loop; the next gets a fresh process", async () => {
    const { host, invoke } = await start([spec("f", { timeoutSeconds: 1 })]);
    const before = await invoke("f", { do: "echo" });
    const late = await invoke("f", { do: "hang" });
    expect(late).toMatchObject({ FunctionError: "Unhandled", result: { errorType: "Sandbox.Timedout" } });
    expect(late.result.errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/,
    );
    expect(isRunning(before.result.pid)).toBe(false);
    const after = await invoke("f", { do: "echo" });
    expect(after.FunctionError).toBeUndefined();
    expect(host.pids()).toEqual([after.result.pid]);
  });

  test.skipIf(process.platform !== "linux")("memory over the limit kills the environment", async () => {
    const { invoke } = await start([spec("f", { memoryMb: 192 })]);
    const result = await invoke("f", { do: "hoard", mb: 400 });
    expect(result).toMatchObject({ FunctionError: "Unhandled", result: { errorType: "Runtime.ExitError" } });
    expect(result.result.errorMessage).toMatch(/Error: Runtime exited with error: signal: killed$/);
    expect((await invoke("f", { do: "echo" })).FunctionError).toBeUndefined();
  });

  test("a version's second environment keeps its compiled code for those after it; the handler does not see where", async () => {
    const { host, invoke } = await start([spec("f")]);
    const kept: unknown[] = [];
    for (let environment = 1; environment <= 3; environment++) {
      const { pid, value } = (await invoke("f", { do: "compiled" })).result;
      expect(value.argv).toBe(2);
      kept.push(value.kept);
      // It keeps what it keeps before it is free again.
      await invoke("f", { do: "echo" });
      process.kill(pid, "SIGKILL");
      await eventually(() => expect(host.pids()).toEqual([]));
    }
    expect(kept).toEqual([undefined, 0, expect.any(Number)]);
    expect(kept.at(-1)).toBeGreaterThan(0);
  });

  test("the heap's limit follows the function's memory", async () => {
    const { invoke } = await start([spec("f", { memoryMb: 128 })]);
    const { value } = (await invoke("f", { do: "heap" })).result;
    expect(value / 1024 / 1024).toBeLessThan(192);
  });

  test("a crash fails its own request only", async () => {
    const { invoke, stats } = await start([spec("f")]);
    const other = invoke("f", { do: "hold", url: `${gate.url}/crash` });
    await eventually(() => expect(gate.waiting("/crash")).toBe(1));
    const failures = await Promise.all([
      invoke("f", { do: "exit", code: 3 }),
      invoke("f", { do: "exit", code: 0 }),
      invoke("f", { do: "crash" }),
      invoke("f", { do: "reject" }),
    ]);
    expect(failures.map(({ FunctionError }) => FunctionError)).toEqual(Array(4).fill("Unhandled"));
    expect(
      failures.map(({ result }) => [result.errorType, result.errorMessage.replace(/^RequestId: \S+ /, "")]),
    ).toEqual([
      ["Runtime.ExitError", "Error: Runtime exited with error: exit status 3"],
      ["Runtime.ExitError", "Error: Runtime exited without providing a reason"],
      ["Error", "uncaught"],
      ["Runtime.UnhandledPromiseRejection", "unhandled"],
    ]);
    gate.open("/crash");
    expect((await other).result.value).toBe("open");
    expect(stats("f")).toMatchObject({ invocations: 5, errors: 4 });
  });

  test("what a handler throws is a function error with type, message and trace; the environment lives on", async () => {
    const { invoke } = await start([spec("f")]);
    const { FunctionError, result } = await invoke("f", { do: "throw" });
    expect(FunctionError).toBe("Unhandled");
    expect(result).toMatchObject({ errorType: "RangeError", errorMessage: "no such city" });
    expect(result.trace[0]).toBe("RangeError: no such city");
    expect((await invoke("f", { do: "echo" })).result.mostRunning).toBe(1);
  });

  test("a handler that cannot be loaded fails each request once, with the reason", async () => {
    const broken = (name: string, source: string, handler = "index.handler") =>
      spec(name, { codeDir: codeFolder(source), handler });
    const { host, invoke, stats } = await start([
      broken("throws", 'throw new Error("no key")'),
      broken("imports", 'import "not-bundled"; export const handler = async () => 1;'),
      broken("exports", "export const other = async () => 1;"),
      broken("missing", "", "nothing.handler"),
      broken("syntax", "export const handler = ;"),
      broken("callback", "export const handler = (event, context, callback) => callback(null, 1);"),
      broken("exits", "process.exit(4)"),
    ]);
    const error = async (name: string) => {
      const { FunctionError, result } = await invoke(name, {});
      expect(FunctionError).toBe("Unhandled");
      return `${result.errorType}: ${result.errorMessage}`;
    };
    expect(await error("throws")).toBe("Error: no key");
    expect(await error("imports")).toMatch(/^Runtime\.ImportModuleError: Cannot find package 'not-bundled'/);
    expect(await error("exports")).toBe(
      "Runtime.HandlerNotFound: index.handler is undefined or not exported",
    );
    expect(await error("missing")).toMatch(/^Runtime\.ImportModuleError: Cannot find module 'nothing'/);
    expect(await error("syntax")).toMatch(/^Runtime\.UserCodeSyntaxError: /);
    expect(await error("callback")).toMatch(/^Runtime\.CallbackHandlerDeprecated: /);
    expect(await error("exits")).toMatch(/^Runtime\.ExitError: .*exit status 4$/);
    expect(await error("throws")).toBe("Error: no key");
    expect(stats("throws")).toMatchObject({ invocations: 2, coldStarts: 2, errors: 2 });
    await eventually(() => expect(host.pids()).toEqual([]));
  });

  test.skipIf(process.platform !== "linux")(
    "are frozen between requests: a timer of the handler stands still",
    async () => {
      const { invoke } = await start([spec("f")]);
      const { pid } = (await invoke("f", { do: "tick" })).result;
      await eventually(() => expect(processState(pid)).toBe("T"));
      const frozenMs = 500;
      await sleep(frozenMs);
      const { value } = (await invoke("f", { do: "ticks" })).result;
      expect(value).toBeLessThan(frozenMs / 5 / 4);
    },
  );

  test("see Lambda's variables and the declared ones, and nothing of this process", async () => {
    vi.stubEnv("A_SECRET_OF_MINE", "x");
    vi.stubEnv("DECLARED", "from the parent");
    const { invoke } = await start(
      [
        spec("f", {
          environment: { DECLARED: "as declared", OWN: "as declared", REPLACED: "as declared" },
          settings: ["OWN", "REPLACED"],
        }),
      ],
      {
        environment: { REPLACED: "replaced", UNDECLARED: "not for f" },
        settings: () => ({ OWN: "a person's", REPLACED: "a person's", DECLARED: "a person's", HOME: "/" }),
      },
    );
    vi.unstubAllEnvs();
    const { value } = (await invoke("f:1", { do: "environment" })).result as {
      value: Record<string, string>;
    };
    expect(Object.keys(value).toSorted()).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_EXECUTION_ENV",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
      "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION",
      "AWS_LAMBDA_INITIALIZATION_TYPE",
      "AWS_LAMBDA_LOG_FORMAT",
      "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_LEVEL",
      "AWS_LAMBDA_LOG_STREAM_NAME",
      "AWS_LAMBDA_RUNTIME_API",
      "AWS_REGION",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "DECLARED",
      "LAMBDA_TASK_ROOT",
      "LANG",
      "OWN",
      "PATH",
      "REPLACED",
      "TZ",
      "_HANDLER",
    ]);
    expect(value).toMatchObject({
      DECLARED: "as declared",
      OWN: "a person's",
      REPLACED: "replaced",
      PATH: "/usr/bin:/bin",
      TZ: ":UTC",
    });
  });

  test("run a copy of the bundle that cannot see the repository's node_modules", async () => {
    const inRepository = join(REPOSITORY, "node_modules");
    const codeDir = codeFolder('import "hono"; export const handler = async () => 1;', inRepository);
    const { invoke } = await start([spec("f", { codeDir })]);
    expect((await invoke("f", {})).result.errorType).toBe("Runtime.ImportModuleError");
  });

  test("what a function writes reaches onLog by line", async () => {
    const lines: unknown[] = [];
    const { invoke } = await start([spec("f")], { onLog: (line) => lines.push(line) });
    await invoke("f", { do: "write", text: "one\ntwo" });
    const written = (stream: string) => ["one", "two"].map((text) => ({ function: "f", stream, text }));
    await eventually(() => expect(lines).toHaveLength(4));
    expect(lines).toEqual(expect.arrayContaining([...written("stdout"), ...written("stderr")]));
  });

  test("the console writes Lambda's JSON: an object as it is, an error by its parts, nothing below the level", async () => {
    const logged = async (level?: string) => {
      const lines: string[] = [];
      const { invoke } = await start([spec("f")], {
        onLog: ({ stream, text }) => stream === "stdout" && lines.push(text),
        ...(level && { environment: { AWS_LAMBDA_LOG_LEVEL: level } }),
      });
      await invoke("f", { do: "log", text: "one\ntwo" });
      await invoke("f", { do: "write", text: "end" });
      await eventually(() => expect(lines.at(-1)).toBe("end"));
      return lines.slice(0, -1).map((text) => JSON.parse(text));
    };
    const common = { timestamp: expect.stringMatching(/^\d{4}-.*Z$/), requestId: expect.any(String) };
    const info = { ...common, level: "INFO", message: { event: "one\ntwo" } };
    const error = {
      ...common,
      level: "ERROR",
      message: expect.stringMatching(/^one\ntwo TypeError: one\ntwo/),
      errorType: "TypeError",
      errorMessage: "one\ntwo",
      stackTrace: expect.arrayContaining([expect.stringContaining("index.mjs")]),
    };
    expect(await logged()).toEqual([info, error]);
    expect(await logged("ERROR")).toEqual([error]);
    expect(await logged("DEBUG")).toEqual([info, error, { ...common, level: "DEBUG", message: "one\ntwo" }]);
  });
});

describe("starts of environments", () => {
  const CORES = availableParallelism();
  /** Code whose init phase and whose requests both wait at the gate. */
  const slowStart = (path: string) =>
    spec("f", {
      codeDir: codeFolder(`
        await fetch("${gate.url}/init-${path}");
        export const handler = async () => {
          await fetch("${gate.url}/held-${path}");
          return process.pid;
        };
      `),
    });

  test("never go on for more environments at once than there are cores", async () => {
    const { host, invoke, stats } = await start([slowStart("cores")]);
    const inits = () => gate.waiting("/init-cores");
    const requests = CORES + 1;
    const running = Array.from({ length: requests }, () => invoke("f", {}));
    await eventually(() => expect([inits(), stats("f").invocations]).toEqual([CORES, requests]));
    expect(host.pids()).toHaveLength(CORES);
    gate.open("/init-cores");
    await eventually(() => expect(inits()).toBe(1));
    expect(host.pids()).toHaveLength(requests);
    gate.open("/init-cores");
    await eventually(() => expect(gate.waiting("/held-cores")).toBe(requests));
    gate.open("/held-cores");
    const pids = (await Promise.all(running)).map(({ result }) => result);
    expect(new Set(pids).size).toBe(requests);
    expect(stats("f")).toMatchObject({ invocations: requests, coldStarts: requests, errors: 0 });
  });

  test("a request takes an environment that is free before a new one is, and nothing starts for it any more", async () => {
    const { host, invoke, stats } = await start([slowStart("first")]);
    const running = [invoke("f", {})];
    await eventually(() => expect(gate.waiting("/init-first")).toBe(1));
    gate.open("/init-first");
    await eventually(() => expect(gate.waiting("/held-first")).toBe(1));
    const [pid] = host.pids();

    const more = CORES + 2;
    for (let i = 0; i < more; i++) running.push(invoke("f", {}));
    await eventually(() => expect(gate.waiting("/init-first")).toBe(CORES));
    await eventually(() => expect(stats("f").invocations).toBe(1 + more));
    for (let i = 0; i < 1 + more; i++) {
      await eventually(() => expect(gate.waiting("/held-first")).toBe(1));
      gate.open("/held-first");
    }
    const answers = await Promise.all(running);
    expect(answers.map(({ result }) => result)).toEqual(Array(1 + more).fill(pid));
    gate.open("/init-first");
    // The last request to start anything: it shows that no start waits from before.
    const last = invoke("f", {});
    await eventually(() => expect(gate.waiting("/held-first")).toBe(1));
    gate.open("/held-first");
    await last;
    expect(host.pids()).toHaveLength(1 + CORES);
    expect(gate.waiting("/init-first")).toBe(0);
  });

  test("of a host that stops begin no more; requests that wait for them end", async () => {
    const { host, send, stats } = await start([slowStart("stop")]);
    const running = Array.from({ length: CORES + 2 }, () =>
      send("f", {}).then(
        ({ FunctionError }) => FunctionError,
        () => "no answer",
      ),
    );
    await eventually(() => expect(gate.waiting("/init-stop")).toBe(CORES));
    await eventually(() => expect(stats("f").invocations).toBe(CORES + 2));
    await host.stop();
    for (const ended of await Promise.all(running)) expect(ended).toMatch(/Unhandled|no answer/);
    expect(host.pids()).toEqual([]);
    expect(gate.waiting("/init-stop")).toBe(CORES);
  });

  test("one that fails fails one request, with the reason, and the others go on", async () => {
    const codeDir = codeFolder(`
      if ((await (await fetch("${gate.url}/luck")).text()) === "bad") throw new Error("no luck");
      ${HANDLER}
    `);
    const { invoke, stats } = await start([spec("f", { codeDir })]);
    const running = [invoke("f", { do: "echo" })];
    await eventually(() => expect(gate.waiting("/luck")).toBe(1));
    running.push(invoke("f", { do: "echo" }));
    if (CORES > 1) await eventually(() => expect(gate.waiting("/luck")).toBe(2));
    gate.open("/luck", "bad");
    await eventually(() => expect(stats("f").errors).toBeGreaterThan(0));
    if (CORES === 1) await eventually(() => expect(gate.waiting("/luck")).toBe(1));
    gate.open("/luck", "bad");
    const failed = await Promise.all(running);
    expect(failed.map(({ result }) => result.errorMessage)).toEqual(["no luck", "no luck"]);
    const after = invoke("f", { do: "echo", value: 1 });
    await eventually(() => expect(gate.waiting("/luck")).toBe(1));
    gate.open("/luck");
    expect((await after).result.value).toBe(1);
  });
});

describe("an answer reaches the caller before the environment polls again", () => {
  /** What the environment does where the runtime would poll for its next request. */
  const insteadOfPolling = (what: string) =>
    codeFolder(`
      import http from "node:http";
      const { request } = http;
      export const handler = async ({ last }) => {
        http.request = (url, ...rest) => {
          if (last && url.endsWith("/next")) ${what};
          return request(url, ...rest);
        };
        return process.pid;
      };
    `);
  const hangs = () => insteadOfPolling("for (;;)");

  test("one that hangs then gets no second request, and is ended by the timeout", async () => {
    const { host, invoke, stats } = await start([spec("f", { codeDir: hangs(), timeoutSeconds: 2 })]);
    const { result: pid, FunctionError } = await invoke("f", { last: true });
    expect(FunctionError).toBeUndefined();
    expect(isRunning(pid), "the answer came first").toBe(true);
    const next = await invoke("f", {});
    expect(next.FunctionError).toBeUndefined();
    expect(next.result).not.toBe(pid);
    await eventually(() => expect(host.pids()).toEqual([next.result]));
    expect(stats("f")).toMatchObject({ invocations: 2, errors: 0 });
  });

  test("one that dies then has answered; the next request gets another one", async () => {
    const { invoke, stats } = await start([spec("f", { codeDir: insteadOfPolling("process.exit(3)") })]);
    const first = await invoke("f", { last: true });
    const next = await invoke("f", {});
    expect([first.FunctionError, next.FunctionError]).toEqual([undefined, undefined]);
    expect(next.result).not.toBe(first.result);
    expect(stats("f")).toMatchObject({ invocations: 2, coldStarts: 2, errors: 0 });
  });

  test("its slot is free when it polls, or has ended", async () => {
    const { host, invoke, send } = await start([
      spec("f", { codeDir: hangs(), timeoutSeconds: 5, reservedConcurrency: 1 }),
    ]);
    await invoke("f", { last: true });
    await expect(send("f", {})).rejects.toThrow(TooManyRequestsException);
    await eventually(() => expect(host.pids()).toEqual([]));
    expect((await invoke("f", {})).FunctionError).toBeUndefined();
  });

  test("callers that ask again at once are not throttled: each waits for the slot that it had", async () => {
    const callers = 3;
    const { invoke, stats } = await start([spec("f", { reservedConcurrency: callers })]);
    const askAgain = async () => {
      for (let i = 0; i < 30; i++) await invoke("f", { do: "echo" });
    };
    await Promise.all(Array.from({ length: callers }, askAgain));
    expect(stats("f")).toMatchObject({ invocations: callers * 30, throttles: 0, errors: 0 });
    expect(stats("f").coldStarts).toBeLessThanOrEqual(callers);
  });
});

test("versions live side by side, and $LATEST is the last one", async () => {
  const saying = (word: string) =>
    spec("f", { codeDir: codeFolder(`export const handler = async () => "${word}";`) });
  const { host, invoke } = await start([saying("one")]);
  const said = async (name: string) => (await invoke(name, {})).result;
  expect(await said("f")).toBe("one");
  expect(host.publish(saying("two"))).toBe("2");
  expect(await said("f:1")).toBe("one");
  expect(await said("f:2")).toBe("two");
  expect(await said("f")).toBe("two");
  expect(host.arn("f")).toMatch(/:f:2$/);
  expect(() => host.arn("f", "3")).toThrow('Unknown function "f:3". Functions: f.');
});

test("statistics count exactly, list every function, leave out discovery, and go back to zero", async () => {
  const { host, invoke, stats } = await start([spec("f", { memoryMb: 512 }), spec("never")]);
  await invoke("f:1", { path: "/discover", httpMethod: "GET" });
  const payload = { do: "echo", value: "é" };
  const { result } = await invoke("f:1", payload);
  await invoke("f:1", { do: "throw" });
  expect(stats("f")).toMatchObject({
    invocations: 2,
    coldStarts: 0,
    throttles: 0,
    errors: 1,
    maxConcurrent: 1,
  });
  expect(stats("f").bytesIn).toBe(
    Buffer.byteLength(JSON.stringify(payload) + JSON.stringify({ do: "throw" })),
  );
  expect(stats("f").bytesOut).toBeGreaterThan(Buffer.byteLength(JSON.stringify(result)));
  expect(stats("f").gbSeconds).toBeGreaterThanOrEqual(0.5 * 0.002);

  const zero = {
    invocations: 0,
    coldStarts: 0,
    throttles: 0,
    errors: 0,
    bytesIn: 0,
    bytesOut: 0,
    gbSeconds: 0,
    maxConcurrent: 0,
  };
  const served = await (await fetch(`${host.url}/_stats`)).json();
  expect(served).toEqual(host.stats());
  expect(served).toMatchObject({ functions: { never: zero } });
  expect((await fetch(`${host.url}/_stats/reset`, { method: "POST" })).status).toBe(200);
  expect(host.stats()).toEqual({ functions: { f: zero, never: zero } });
});

test("a host that cannot start says why and leaves no server", async () => {
  const port = Number(new URL(gate.url).port);
  await expect(startLambdaHost({ functions: [], port })).rejects.toThrow(
    `EADDRINUSE: address already in use 127.0.0.1:${port}`,
  );
  const functions = [spec("f", { codeDir: "/nowhere" })];
  await expect(startLambdaHost({ functions })).rejects.toThrow(
    "The code of function f should be a folder: /nowhere",
  );
});

describe("nothing is left behind", () => {
  test("after stop(): processes in every state are gone, so is the copy of the code", async () => {
    const { host, invoke } = await start([spec("f")]);
    const { pid, value } = (await invoke("f", { do: "environment" })).result;
    expect(existsSync(value.LAMBDA_TASK_ROOT)).toBe(true);
    const hanging = Array.from({ length: 2 }, () => invoke("f", { do: "hang" }).catch(() => {}));
    await eventually(() => expect(host.pids()).toHaveLength(2));
    const pids = host.pids();
    expect(pids).toContain(pid);
    await host.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(host.pids()).toEqual([]);
    expect(existsSync(value.LAMBDA_TASK_ROOT)).toBe(false);
    await Promise.all(hanging);
  });

  test("after the parent's SIGKILL: environments, frozen and running, restate-server and the code's copy", async () => {
    const module = (path: string) => JSON.stringify(join(REPOSITORY, path));
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "parent.ts"),
      `import { startLambdaHost } from ${module("lib/lambda-host/index.ts")};
       import { startRestateServer } from ${module("lib/local/restate/server.ts")};
       const host = await startLambdaHost({ functions: [${JSON.stringify(spec("f"))}] });
       const restate = await startRestateServer({ dataDir: ${JSON.stringify(join(folder, "data"))}, lambdaUrl: host.url });
       const invoke = (event) => fetch(host.url + "/2015-03-31/functions/f/invocations", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(event) }).then((r) => r.json());
       const held = invoke({ do: "hold", url: ${JSON.stringify(`${gate.url}/orphan`)} });
       const frozen = await invoke({ do: "environment" });
       while (host.pids().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
       process.stdout.write(JSON.stringify({ pids: [...host.pids(), restate.pid], taskRoot: frozen.value.LAMBDA_TASK_ROOT }));
       await held;`,
    );
    const parent: ChildProcess = spawn(process.execPath, [join(folder, "parent.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await once(parent.stdout as NodeJS.ReadableStream, "data");
    const { pids, taskRoot } = JSON.parse(String(output)) as { pids: number[]; taskRoot: string };
    await eventually(() => expect(gate.waiting("/orphan")).toBe(1));
    expect(pids.filter(isRunning)).toEqual(pids);
    expect(pids).toHaveLength(3);
    expect(existsSync(taskRoot)).toBe(true);
    parent.kill("SIGKILL");
    await eventually(() => expect(pids.filter(isRunning)).toEqual([]));
    await eventually(() => expect(existsSync(taskRoot)).toBe(false));
  });
});

/** An agent that waits for eight calls of a tool, each with a timeout, in one combinator. */
const SERVICES = `
  import * as restate from "@restatedev/restate-sdk/lambda";
  const tool = restate.service({
    name: "Tool",
    handlers: { call: async (_ctx, { url }) => (await fetch(url)).text() },
  });
  const agent = restate.service({
    name: "Agent",
    handlers: {
      run: async (ctx, { urls }) => {
        const calls = urls.map((url) => ctx.serviceClient({ name: "Tool" }).call({ url }).orTimeout({ seconds: 60 }));
        return restate.RestatePromise.allSettled(calls);
      },
    },
  });
  export const tools = restate.createEndpointHandler({ services: [tool] });
  export const agents = restate.createEndpointHandler({ services: [agent] });
`;

async function bundleServices(): Promise<string> {
  const codeDir = join(temporaryFolder(), "bundle");
  const stdin = { contents: SERVICES, resolveDir: REPOSITORY };
  const outfile = join(codeDir, "index.mjs");
  await build({
    stdin,
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "error",
  });
  return codeDir;
}

describe.each([
  { protocolV7: true, agentInvocations: 2 },
  { protocolV7: false, agentInvocations: 9 },
])("restate-server, protocolV7: $protocolV7", ({ protocolV7, agentInvocations }) => {
  test(`eight calls in one combinator cost ${agentInvocations} invocations of the agent and one per call`, async () => {
    const codeDir = await bundleServices();
    const { host, stats } = await start([
      spec("tool", { codeDir, handler: "index.tools" }),
      spec("agent", { codeDir, handler: "index.agents" }),
    ]);
    const restate = await startRestateServer({ dataDir: temporaryFolder(), lambdaUrl: host.url, protocolV7 });
    try {
      const tools = await registerLambda({ url: restate.adminUrl }, host.arn("tool"), { private: true });
      expect(tools).toEqual({ deploymentId: expect.stringMatching(/^dp_/), services: ["Tool"] });
      await registerLambda({ url: restate.adminUrl }, host.arn("agent"), { private: false });
      const call = (path: string, body: unknown) =>
        fetch(`${restate.ingressUrl}/restate/call/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      expect((await call("Tool/call", { url: gate.url })).status).toBe(400);

      const paths = Array.from({ length: 8 }, (_, index) => `/restate/${protocolV7}/${index}`);
      const answer = call("Agent/run", { urls: paths.map((path) => gate.url + path) });
      await eventually(() => expect(paths.map((path) => gate.waiting(path))).toEqual(Array(8).fill(1)));
      // One at a time: v6 wakes the agent for each, and it must be suspended again before the next one.
      for (const [index, path] of paths.entries()) {
        gate.open(path);
        if (!protocolV7) await eventually(() => expect(stats("agent").invocations).toBe(index + 2));
      }
      expect(await (await answer).json()).toEqual(Array(8).fill({ status: "fulfilled", value: "open" }));
      expect(stats("agent")).toMatchObject({ invocations: agentInvocations, errors: 0 });
      expect(stats("tool")).toMatchObject({ invocations: 8, maxConcurrent: 8, errors: 0, throttles: 0 });
      const sql = "select target, count(*) as number from sys_invocation group by target order by target";
      expect(await query({ url: restate.adminUrl }, sql)).toEqual([
        { target: "Agent/run", number: 1 },
        { target: "Tool/call", number: 8 },
      ]);
    } finally {
      await restate.stop();
    }
  });
});

describe("restate-server", () => {
  test("keeps its journal over a restart, and a known function can be registered again", async () => {
    const { host } = await start([spec("f", { codeDir: await bundleServices(), handler: "index.tools" })]);
    const dataDir = temporaryFolder();
    const runs: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const restate = await startRestateServer({ dataDir, lambdaUrl: host.url });
      await registerLambda({ url: restate.adminUrl }, host.arn("f"), { private: false });
      const request = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
      await fetch(`${restate.ingressUrl}/restate/send/Tool/call`, request);
      runs.push(...(await query({ url: restate.adminUrl }, "select count(*) as number from sys_invocation")));
      await restate.stop();
      expect(await restate.exited).toBe(0);
      expect(isRunning(restate.pid)).toBe(false);
    }
    expect(runs).toEqual([{ number: 1 }, { number: 2 }]);
  });

  test("goes on with data whose log began with another provider", async () => {
    const { host } = await start([spec("f", { codeDir: await bundleServices(), handler: "index.tools" })]);
    const dataDir = temporaryFolder();
    const ports = { ingress: await getPort(), admin: await getPort(), node: await getPort() };
    const begun: string[] = [];
    /** Begins a run, which is still there when the server has been killed. */
    const beginRun = async ({ adminUrl, ingressUrl }: { adminUrl: string; ingressUrl: string }) => {
      await registerLambda({ url: adminUrl }, host.arn("f"), { private: false });
      const request = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
      const response = await fetch(`${ingressUrl}/restate/send/Tool/call?delay=1h`, request);
      begun.push(((await response.json()) as { invocationId: string }).invocationId);
    };

    const settings = { dataDir, temporary: dataDir, lambdaUrl: host.url, ports };
    const environment = restateEnvironment({
      ...settings,
      protocolV7: true,
      vqueues: true,
      alwaysReplay: false,
    });
    const earlier = spawnTied(restateServerBinary(), ["--no-logo"], {
      env: { ...environment, RESTATE_BIFROST__DEFAULT_PROVIDER: "replicated" },
      stdio: "ignore",
    });
    const urls = {
      adminUrl: `http://127.0.0.1:${ports.admin}`,
      ingressUrl: `http://127.0.0.1:${ports.ingress}`,
    };
    try {
      expect(await whenReady(urls, new AbortController().signal)).toBe("ready");
      await beginRun(urls);
    } finally {
      const ended = once(earlier, "exit");
      earlier.kill("SIGKILL");
      await ended;
    }
    for (const _ of "12") {
      const restate = await startRestateServer({ dataDir, lambdaUrl: host.url });
      try {
        await beginRun(restate);
        const there = await query<{ id: string }>(
          { url: restate.adminUrl },
          "SELECT id FROM sys_invocation ORDER BY created_at",
        );
        expect(there.map(({ id }) => id)).toEqual(begun);
      } finally {
        process.kill(restate.pid, "SIGKILL");
        await restate.exited;
      }
    }
  });

  test("says why a function could not be registered", async () => {
    const codeDir = codeFolder('throw new Error("no key")');
    const { host } = await start([spec("f", { codeDir })]);
    const restate = await startRestateServer({ dataDir: temporaryFolder(), lambdaUrl: host.url });
    try {
      await expect(
        registerLambda({ url: restate.adminUrl }, host.arn("f"), { private: false }),
      ).rejects.toThrow(/no key/);
    } finally {
      await restate.stop();
    }
  });

  test("that cannot start is an error with the end of its log; a taken port is named at once", async () => {
    const dataDir = temporaryFolder();
    const restate = await startRestateServer({ dataDir, lambdaUrl: gate.url });
    try {
      const again = { dataDir, lambdaUrl: gate.url, logFile: join(temporaryFolder(), "second.log") };
      await expect(startRestateServer(again)).rejects.toThrow(
        /exited with 1 while starting.*second\.log ends with:\n.*Starting Restate Server/s,
      );
      const ports = { ingress: Number(new URL(restate.ingressUrl).port) };
      await expect(startRestateServer({ ...again, ports })).rejects.toThrow(
        `Port ${ports.ingress} is taken.`,
      );
    } finally {
      await restate.stop();
    }
  });

  test.skipIf(process.platform !== "linux")("gets nothing of this process's environment", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a-secret-of-mine");
    vi.stubEnv("RESTATE_CLUSTER_NAME", "a-cluster-of-mine");
    const restate = await startRestateServer({ dataDir: temporaryFolder(), lambdaUrl: gate.url });
    vi.unstubAllEnvs();
    try {
      expect(readFileSync(`/proc/${restate.pid}/environ`, "utf8")).not.toContain("of-mine");
    } finally {
      await restate.stop();
    }
  });
});
