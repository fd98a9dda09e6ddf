import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvalidParameterValueException,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListVersionsByFunctionCommand,
  PreconditionFailedException,
  ProvisionedConcurrencyConfigNotFoundException,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  paginateListFunctions,
  paginateListVersionsByFunction,
  ResourceConflictException,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Concurrency } from "../lib/local/lambda/concurrency.ts";
import type { FunctionSpec } from "../lib/local/lambda/function.ts";
import { Functions } from "../lib/local/lambda/functions.ts";
import { type LambdaHost, type LambdaHostOptions, startLambdaHost } from "../lib/local/lambda/host.ts";
import { IDLE_MS, reapIdle } from "../lib/local/lambda/reaper.ts";
import { runtimeApi } from "../lib/local/lambda/runtime-api.ts";

/** Waits for the event's URL if there is one, then says what the environment is. */
const HANDLER = `
  export const handler = async ({ url, exit }) => {
    if (exit) process.exit(exit);
    if (url) await (await fetch(url)).text();
    const { WORD, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_INITIALIZATION_TYPE } = process.env;
    return { pid: process.pid, word: WORD, memory: AWS_LAMBDA_FUNCTION_MEMORY_SIZE, type: AWS_LAMBDA_INITIALIZATION_TYPE };
  };
`;

const temporary: string[] = [];
function codeFolder(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "lambda-management-test-"));
  temporary.push(folder);
  writeFileSync(join(folder, "index.mjs"), source);
  return folder;
}

function spec(name: string, more: Partial<FunctionSpec> = {}): FunctionSpec {
  const rest = { handler: "index.handler", memoryMb: 256, timeoutSeconds: 20, environment: {} };
  return { name, codeDir: standardCode, ...rest, ...more };
}

/** A server whose answers wait until they are let go. */
async function startGate() {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => void held.push(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => held.length,
    open: () => {
      for (const response of held.splice(0)) response.end("open");
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Waits, with a bound, until the assertion holds. */
const eventually = (assertion: () => void | Promise<void>) =>
  vi.waitFor(assertion, { timeout: 15_000, interval: 10 });

let standardCode: string;
let gate: Awaited<ReturnType<typeof startGate>>;
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

async function start(functions: FunctionSpec[], more: Partial<LambdaHostOptions> = {}) {
  const host = await startLambdaHost({ functions, ...more });
  hosts.push(host);
  const client = new LambdaClient({
    endpoint: host.url,
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    maxAttempts: 1,
  });
  const invoke = async (FunctionName: string, event: { url?: string; exit?: number } = {}) => {
    const { Payload } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return JSON.parse(Payload?.transformToString() ?? "null") as {
      pid: number;
      word?: string;
      memory: string;
      type: string;
    };
  };
  const configuration = (FunctionName: string, Qualifier?: string) =>
    client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
  const versions = async (FunctionName: string) => {
    const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    return Versions?.map(({ Version }) => Version);
  };
  const publish = (FunctionName: string) => client.send(new PublishVersionCommand({ FunctionName }));
  /** Changes the configuration and waits until the change is through. */
  const update = async (FunctionName: string, change: { MemorySize?: number; Environment?: object }) => {
    const changed = await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
    await waitUntilFunctionUpdated(
      { client, maxWaitTime: 15, minDelay: 0.05, maxDelay: 0.05 },
      { FunctionName },
    );
    return changed;
  };
  return { host, client, invoke, configuration, versions, publish, update };
}

describe("functions", () => {
  test("are listed by name, on pages, with AWS's fields", async () => {
    const { client } = await start(
      ["c", "a", "b"].map((name) => spec(name, { environment: { WORD: name } })),
    );
    const pages: string[][] = [];
    for await (const { Functions } of paginateListFunctions({ client, pageSize: 2 }, {}))
      pages.push(Functions?.map(({ FunctionName = "" }) => FunctionName) ?? []);
    expect(pages).toEqual([["a", "b"], ["c"]]);

    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.[0]).toEqual({
      FunctionName: "a",
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:a",
      Runtime: "nodejs24.x",
      Role: "arn:aws:iam::000000000000:role/a",
      Handler: "index.handler",
      CodeSize: HANDLER.length,
      CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/),
      Description: "",
      Timeout: 20,
      MemorySize: 256,
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      Version: "$LATEST",
      Environment: { Variables: { WORD: "a" } },
      TracingConfig: { Mode: "PassThrough" },
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      PackageType: "Zip",
      Architectures: [expect.stringMatching(/^(x86_64|arm64)$/)],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/a" },
    });
  });

  test("are listed with all their versions if that is asked for", async () => {
    const { host, client } = await start([spec("a"), spec("b")]);
    host.publish(spec("a"));
    const { Functions } = await client.send(new ListFunctionsCommand({ FunctionVersion: "ALL" }));
    expect(Functions?.map(({ FunctionArn }) => FunctionArn?.split(":function:")[1])).toEqual([
      "a:$LATEST",
      "a:1",
      "a:2",
      "b:$LATEST",
      "b:1",
    ]);
  });

  test("a page has 50 entries at most, and a marker that is none is refused", async () => {
    const { client } = await start(Array.from({ length: 51 }, (_, index) => spec(`f${index}`)));
    const first = await client.send(new ListFunctionsCommand({ MaxItems: 10_000 }));
    expect(first.Functions).toHaveLength(50);
    const second = await client.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect(second.Functions).toHaveLength(1);
    expect(second.NextMarker).toBeUndefined();
    await expect(client.send(new ListFunctionsCommand({ Marker: "x" }))).rejects.toThrow(
      InvalidParameterValueException,
    );
    await expect(client.send(new ListFunctionsCommand({ MaxItems: 0 }))).rejects.toMatchObject({
      name: "ValidationException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("what is not there is a ResourceNotFoundException, in every operation", async () => {
    const { client, configuration, versions, publish } = await start([spec("f")]);
    const missing = { FunctionName: "g" };
    const attempts = [
      configuration("g"),
      configuration("f", "2"),
      configuration("arn:aws:lambda:eu-west-1:000000000000:function:f"),
      versions("g"),
      publish("g"),
      client.send(new UpdateFunctionConfigurationCommand({ ...missing, MemorySize: 512 })),
      client.send(new DeleteFunctionCommand(missing)),
      client.send(new PutFunctionConcurrencyCommand({ ...missing, ReservedConcurrentExecutions: 1 })),
      client.send(new GetFunctionConcurrencyCommand(missing)),
      client.send(new DeleteFunctionConcurrencyCommand(missing)),
    ];
    for (const { reason } of (await Promise.allSettled(attempts)) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(ResourceNotFoundException);
      expect(reason.message).toMatch(/^Function not found: arn:aws:lambda:\S+\. Functions: f/);
    }
  });

  test("an operation on a whole function refuses the name of a version", async () => {
    const { client, publish } = await start([spec("f")]);
    await expect(publish("f:1")).rejects.toThrow(InvalidParameterValueException);
    await expect(client.send(new GetFunctionConcurrencyCommand({ FunctionName: "f:1" }))).rejects.toThrow(
      InvalidParameterValueException,
    );
  });
});

describe("the configuration", () => {
  test("of $LATEST changes, and only there: a published version keeps its own", async () => {
    const { invoke, configuration, publish, update } = await start([
      spec("f", { environment: { WORD: "one" } }),
    ]);
    expect(await invoke("f")).toMatchObject({ memory: "256", word: "one" });
    const changed = await update("f", { MemorySize: 512, Environment: { Variables: { WORD: "two" } } });
    expect(changed).toMatchObject({
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
      MemorySize: 512,
      Timeout: 20,
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReasonCode: "Creating",
    });
    expect(await configuration("f")).toMatchObject({ MemorySize: 512, LastUpdateStatus: "Successful" });
    expect(await invoke("f")).toMatchObject({ memory: "512", word: "two" });
    expect(await invoke("f:1")).toMatchObject({ memory: "256", word: "one" });
    expect(await configuration("f", "1")).toMatchObject({
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:1",
      MemorySize: 256,
      Environment: { Variables: { WORD: "one" } },
    });

    expect(await publish("f")).toMatchObject({ Version: "2", MemorySize: 512, State: "Active" });
    expect(await invoke("f:2")).toMatchObject({ memory: "512", word: "two" });
  });

  test("changes under a running request: it ends as it began, and its environment ends with it", async () => {
    const { host, invoke, update } = await start([spec("f")]);
    const running = invoke("f", gate);
    await eventually(() => expect(gate.waiting()).toBe(1));
    await update("f", { MemorySize: 512 });
    expect(await invoke("f")).toMatchObject({ memory: "512" });
    expect(host.pids()).toHaveLength(2);
    gate.open();
    const { memory, pid } = await running;
    expect(memory).toBe("256");
    await eventually(() => expect(host.pids()).not.toContain(pid));
    expect(host.pids()).toHaveLength(1);
  });

  test.each([
    [{ MemorySize: 127 }, "ValidationException"],
    [{ MemorySize: 10_241 }, "ValidationException"],
    [{ Timeout: 901 }, "ValidationException"],
    [{ Environment: { Variables: { "not a name": "x" } } }, "ValidationException"],
    [{ Environment: { Variables: { AWS_REGION: "x" } } }, "InvalidParameterValueException"],
    [{ Environment: { Variables: { LONG: "x".repeat(5000) } } }, "InvalidParameterValueException"],
    [{ RevisionId: "x", MemorySize: 512 }, "PreconditionFailedException"],
    [{ Role: "arn:aws:iam::000000000000:role/other" }, "ValidationException"],
  ])("%j is refused with a %s and changes nothing", async (change, name) => {
    const { client, configuration } = await start([spec("f")]);
    const before = await configuration("f");
    const refused = client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...change }));
    await expect(refused).rejects.toMatchObject({ name });
    expect(await configuration("f")).toEqual({ ...before, $metadata: expect.anything() });
  });
});

describe("versions", () => {
  test("are listed with $LATEST first, in the order of their numbers, on pages", async () => {
    const { host, client } = await start([spec("f")]);
    for (let version = 2; version <= 11; version++) host.publish(spec("f"));
    const pages: string[][] = [];
    const paging = { client, pageSize: 5 };
    for await (const { Versions } of paginateListVersionsByFunction(paging, { FunctionName: "f" }))
      pages.push(Versions?.map(({ Version = "" }) => Version) ?? []);
    expect(pages).toEqual([
      ["$LATEST", "1", "2", "3", "4"],
      ["5", "6", "7", "8", "9"],
      ["10", "11"],
    ]);
  });

  test("are published once per change of $LATEST", async () => {
    const { client, publish, update, versions } = await start([spec("f")]);
    expect((await publish("f")).Version).toBe("1");
    await update("f", { MemorySize: 512 });
    const second = await publish("f");
    expect(second).toMatchObject({ Version: "2", $metadata: { httpStatusCode: 201 } });
    expect(await publish("f")).toMatchObject({ Version: "2", RevisionId: second.RevisionId });
    expect(await versions("f")).toEqual(["$LATEST", "1", "2"]);

    const expecting = (expected: object) =>
      client.send(new PublishVersionCommand({ FunctionName: "f", ...expected }));
    expect((await expecting({ CodeSha256: second.CodeSha256 })).Version).toBe("2");
    await expect(expecting({ CodeSha256: "x" })).rejects.toThrow(InvalidParameterValueException);
    await expect(expecting({ RevisionId: "x" })).rejects.toThrow(PreconditionFailedException);
  });

  test("with the same code have the same CodeSha256, with other code another one", async () => {
    const { host, configuration } = await start([spec("f")]);
    host.publish(spec("f", { memoryMb: 512 }));
    host.publish(spec("f", { codeDir: codeFolder(`${HANDLER}// changed`) }));
    const [one, two, three] = await Promise.all(
      ["1", "2", "3"].map(async (version) => (await configuration("f", version)).CodeSha256),
    );
    expect(two).toBe(one);
    expect(three).not.toBe(one);
  });

  test("are deleted one by one, and their numbers are not given again", async () => {
    const { host, client, invoke, versions } = await start([spec("f")]);
    host.publish(spec("f"));
    const remove = (Qualifier?: string) =>
      client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier }));
    expect((await remove("2")).$metadata.httpStatusCode).toBe(204);
    expect(await versions("f")).toEqual(["$LATEST", "1"]);
    await expect(invoke("f:2")).rejects.toThrow(ResourceNotFoundException);
    expect(host.arn("f")).toMatch(/:f:1$/);
    expect(host.publish(spec("f"))).toBe("3");
    expect(await invoke("f:3")).toMatchObject({ memory: "256" });

    // As on AWS: a version that is not there is deleted without a word.
    await remove("99");
    for (const qualifier of ["$LATEST", "alias"])
      await expect(remove(qualifier)).rejects.toThrow(InvalidParameterValueException);
    expect(await versions("f")).toEqual(["$LATEST", "1", "3"]);

    await remove();
    await expect(versions("f")).rejects.toThrow(ResourceNotFoundException);
    expect(() => host.arn("f")).toThrow('Unknown function "f"');
    expect(host.publish(spec("f"))).toBe("4");
    expect(await versions("f")).toEqual(["$LATEST", "4"]);
  });

  test("that are deleted under a running request end with it", async () => {
    const { host, client, invoke } = await start([spec("f"), spec("whole")]);
    const free = await invoke("f:1");
    const running = [invoke("f:1", gate), invoke("whole", gate)];
    await eventually(() => expect(gate.waiting()).toBe(2));
    await client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
    await client.send(new DeleteFunctionCommand({ FunctionName: "whole" }));
    gate.open();
    const pids = (await Promise.all(running)).map(({ pid }) => pid);
    expect(pids).toContain(free.pid);
    await eventually(() => expect(host.pids()).toEqual([]));
  });
});

describe("reserved concurrency", () => {
  test("holds for the next request, and goes away again", async () => {
    const { client, invoke } = await start([spec("f")]);
    const FunctionName = "f";
    const get = async () => {
      const answer = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      return answer.ReservedConcurrentExecutions;
    };
    const put = (ReservedConcurrentExecutions: number) =>
      client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
    expect(await get()).toBeUndefined();
    expect((await put(0)).ReservedConcurrentExecutions).toBe(0);
    await expect(invoke("f")).rejects.toThrow(TooManyRequestsException);
    expect(await get()).toBe(0);
    await put(1);
    const running = invoke("f", gate);
    await eventually(() => expect(gate.waiting()).toBe(1));
    await expect(invoke("f:1")).rejects.toThrow(TooManyRequestsException);
    const removed = await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(removed.$metadata.httpStatusCode).toBe(204);
    await invoke("f:1");
    gate.open();
    await running;
  });

  test("leaves 100 of the account unreserved, and a deleted function gives its share back", async () => {
    const { client } = await start([spec("f"), spec("g", { reservedConcurrency: 300 })]);
    const account = async () => (await client.send(new GetAccountSettingsCommand({}))).AccountLimit;
    const put = (ReservedConcurrentExecutions: number) =>
      client.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions }));
    expect(await account()).toMatchObject({
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 700,
    });
    await expect(put(601)).rejects.toThrow(InvalidParameterValueException);
    await expect(put(-1)).rejects.toMatchObject({ name: "ValidationException" });
    await put(600);
    expect(await account()).toMatchObject({ UnreservedConcurrentExecutions: 100 });
    await client.send(new DeleteFunctionCommand({ FunctionName: "g" }));
    expect(await account()).toMatchObject({ UnreservedConcurrentExecutions: 400 });
  });
});

describe("provisioned concurrency", () => {
  async function startProvisioned(functions: FunctionSpec[]) {
    const started = await start(functions);
    const { client, host } = started;
    const of = (FunctionName: string, Qualifier = "1") => ({ FunctionName, Qualifier });
    const put = (name: string, ProvisionedConcurrentExecutions: number, version?: string) =>
      client.send(
        new PutProvisionedConcurrencyConfigCommand({
          ...of(name, version),
          ProvisionedConcurrentExecutions,
        }),
      );
    const get = (name: string, version?: string) =>
      client.send(new GetProvisionedConcurrencyConfigCommand(of(name, version)));
    const remove = (name: string, version?: string) =>
      client.send(new DeleteProvisionedConcurrencyConfigCommand(of(name, version)));
    const list = async (FunctionName: string) => {
      const command = new ListProvisionedConcurrencyConfigsCommand({ FunctionName });
      return (await client.send(command)).ProvisionedConcurrencyConfigs ?? [];
    };
    /** Waits until nothing is in progress any more, and returns the status then. */
    const settled = async (name: string, version?: string) => {
      await eventually(async () => expect((await get(name, version)).Status).not.toBe("IN_PROGRESS"));
      return get(name, version);
    };
    const stats = (name: string) => host.stats().functions[name];
    return { ...started, put, get, remove, list, settled, stats };
  }

  test("starts environments before there is a request, which then wait for no cold start", async () => {
    const { host, put, settled, list, invoke, stats } = await startProvisioned([spec("f")]);
    expect(await put("f", 6)).toMatchObject({
      $metadata: { httpStatusCode: 202 },
      RequestedProvisionedConcurrentExecutions: 6,
      AllocatedProvisionedConcurrentExecutions: 0,
      Status: "IN_PROGRESS",
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
    });
    const ready = {
      RequestedProvisionedConcurrentExecutions: 6,
      AvailableProvisionedConcurrentExecutions: 6,
      AllocatedProvisionedConcurrentExecutions: 6,
      Status: "READY",
    };
    expect(await settled("f")).toMatchObject(ready);
    expect(await list("f")).toEqual([
      {
        ...ready,
        FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:1",
        LastModified: expect.any(String),
      },
    ]);
    const pids = host.pids();
    expect(pids).toHaveLength(6);
    expect(stats("f")).toMatchObject({ invocations: 0, coldStarts: 0 });

    const running = Array.from({ length: 7 }, () => invoke("f:1", gate));
    await eventually(() => expect(gate.waiting()).toBe(7));
    gate.open();
    const answers = await Promise.all(running);
    const types = answers.map(({ type }) => type).toSorted();
    expect(types).toEqual(["on-demand", ...Array(6).fill("provisioned-concurrency")]);
    expect(stats("f")).toMatchObject({ invocations: 7, coldStarts: 1 });
    // All are free now: provisioned ones come first.
    expect(pids).toContain((await invoke("f:1")).pid);
    expect(await invoke("f")).toMatchObject({ type: "on-demand" });
  });

  test("of a smaller number, or of none, ends what is too much, busy ones after their request", async () => {
    const { host, put, settled, remove, get, invoke } = await startProvisioned([spec("f")]);
    await put("f", 2);
    await settled("f");
    const running = invoke("f:1", gate);
    await eventually(() => expect(gate.waiting()).toBe(1));
    await put("f", 1);
    expect(await settled("f")).toMatchObject({ AllocatedProvisionedConcurrentExecutions: 1 });
    await eventually(() => expect(host.pids()).toHaveLength(1));
    expect((await remove("f")).$metadata.httpStatusCode).toBe(204);
    await expect(get("f")).rejects.toThrow(ProvisionedConcurrencyConfigNotFoundException);
    gate.open();
    expect(await running).toMatchObject({ type: "provisioned-concurrency" });
    await eventually(() => expect(host.pids()).toEqual([]));
    await remove("f");
    expect(await invoke("f:1")).toMatchObject({ type: "on-demand" });
  });

  test("replaces an environment that crashes in a request", async () => {
    const { host, put, settled, invoke, stats } = await startProvisioned([spec("f")]);
    await put("f", 1);
    await settled("f");
    const [before] = host.pids();
    await invoke("f:1", { exit: 1 });
    await eventually(async () => {
      expect((await settled("f")).AllocatedProvisionedConcurrentExecutions).toBe(1);
      expect(host.pids()).not.toContain(before);
    });
    expect(await invoke("f:1")).toMatchObject({ type: "provisioned-concurrency" });
    expect(stats("f")).toMatchObject({ invocations: 2, coldStarts: 0 });
  });

  test("fails when the function cannot be loaded, and starts nothing more", async () => {
    const lines: string[] = [];
    const broken = spec("f", { codeDir: codeFolder('console.log("loads"); throw new Error("no key");') });
    const host = await startLambdaHost({
      functions: [{ ...broken, provisionedConcurrency: 1 }],
      onLog: ({ stream, text }) => stream === "stdout" && lines.push(text),
    });
    hosts.push(host);
    const url = `${host.url}/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1`;
    const get = async () => (await fetch(url)).json();
    await eventually(async () =>
      expect(await get()).toMatchObject({
        Status: "FAILED",
        StatusReason: "FUNCTION_ERROR_INIT_FAILURE",
        AllocatedProvisionedConcurrentExecutions: 0,
      }),
    );
    await eventually(() => expect(host.pids()).toEqual([]));
    expect(lines).toEqual(["loads"]);
  });

  test("is limited by what the function has reserved, over all of its versions", async () => {
    const { host, client, put, settled, invoke } = await startProvisioned([
      spec("f", { reservedConcurrency: 2 }),
    ]);
    host.publish(spec("f", { reservedConcurrency: 2 }));
    await expect(put("f", 3)).rejects.toThrow(InvalidParameterValueException);
    await put("f", 1, "1");
    await put("f", 1, "2");
    await settled("f", "1");
    await settled("f", "2");
    // Nothing is left for requests that are not on these versions.
    await expect(invoke("f")).rejects.toThrow(TooManyRequestsException);
    await invoke("f:1");
    const reserve = new PutFunctionConcurrencyCommand({
      FunctionName: "f",
      ReservedConcurrentExecutions: 1,
    });
    await expect(client.send(reserve)).rejects.toThrow(InvalidParameterValueException);
  });

  test("without reserved concurrency is limited by the account, and counts there", async () => {
    const { client, put } = await startProvisioned([spec("f"), spec("g", { reservedConcurrency: 898 })]);
    await expect(put("f", 3)).rejects.toThrow(InvalidParameterValueException);
    await put("f", 2);
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit?.UnreservedConcurrentExecutions).toBe(100);
  });

  test("is of published versions only", async () => {
    const { put, get, remove } = await startProvisioned([spec("f")]);
    const latest = "$LATEST";
    for (const attempt of [() => put("f", 1, latest), () => get("f", latest), () => remove("f", latest)])
      await expect(attempt()).rejects.toThrow(InvalidParameterValueException);
    for (const attempt of [() => put("f", 1, "2"), () => get("f", "2"), () => remove("f", "2")])
      await expect(attempt()).rejects.toThrow(ResourceNotFoundException);
    await expect(get("g")).rejects.toThrow(ResourceNotFoundException);
    await expect(get("f")).rejects.toThrow(ProvisionedConcurrencyConfigNotFoundException);
    await expect(put("f", 0)).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("is in progress until its environments are initialised; another number is a conflict until then", async () => {
    const slow = codeFolder(`await fetch("${gate.url}"); ${HANDLER}`);
    const { put, get, settled } = await startProvisioned([spec("f", { codeDir: slow })]);
    await put("f", 1);
    await eventually(() => expect(gate.waiting()).toBe(1));
    expect(await get("f")).toMatchObject({
      Status: "IN_PROGRESS",
      AllocatedProvisionedConcurrentExecutions: 0,
    });
    await expect(put("f", 2)).rejects.toThrow(ResourceConflictException);
    gate.open();
    expect(await settled("f")).toMatchObject({
      Status: "READY",
      AllocatedProvisionedConcurrentExecutions: 1,
    });
    await put("f", 2);
    await eventually(() => expect(gate.waiting()).toBe(1));
    gate.open();
    expect(await settled("f")).toMatchObject({ AllocatedProvisionedConcurrentExecutions: 2 });
  });

  test("is not reaped, however long it is idle", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const runtime = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const codeRoot = codeFolder("");
    const concurrency = new Concurrency();
    const functions = new Functions({ codeRoot, runtimeApi: runtime, environment: {}, concurrency });
    const app = new Hono().route(
      "/environments",
      runtimeApi((id) => functions.environment(id)),
    );
    server.on("request", getRequestListener(app.fetch));
    try {
      functions.deploy(spec("f", { provisionedConcurrency: 1 }));
      const [latest, one] = functions.pools;
      await eventually(() => expect(one?.provisioned?.status).toBe("READY"));
      await latest?.invoke({ requestId: "1", payload: Buffer.from("{}"), invokedArn: "f" });
      expect(functions.environments).toHaveLength(2);
      reapIdle(functions, performance.now() + 10 * IDLE_MS);
      await eventually(() => expect(functions.environments).toHaveLength(1));
      expect(functions.environments[0]?.provisioned).toBe(true);
    } finally {
      await functions.stop();
      server.closeAllConnections();
      server.close();
    }
  });

  test("keeps its version from being deleted, but not the whole function", async () => {
    const { host, client, put, settled, remove } = await startProvisioned([spec("f")]);
    host.publish(spec("f"));
    const removeFunction = (Qualifier?: string) =>
      client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier }));
    for (const version of ["1", "2"]) {
      await put("f", 1, version);
      await settled("f", version);
    }
    await expect(removeFunction("1")).rejects.toThrow(ResourceConflictException);
    await remove("f", "1");
    await removeFunction("1");
    await eventually(() => expect(host.pids()).toHaveLength(1));
    await removeFunction();
    await eventually(() => expect(host.pids()).toEqual([]));
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit?.UnreservedConcurrentExecutions).toBe(1000);
  });

  test("comes with a deployment", async () => {
    const { settled, invoke, list } = await startProvisioned([spec("f", { provisionedConcurrency: 1 })]);
    expect(await settled("f")).toMatchObject({ Status: "READY" });
    expect(await invoke("f:1")).toMatchObject({ type: "provisioned-concurrency" });
    expect(await list("f")).toHaveLength(1);
  });

  test("leaves no process behind when the host stops while environments start", async () => {
    const { host, put } = await startProvisioned([spec("f")]);
    await put("f", 8);
    await eventually(() => expect(host.pids().length).toBeGreaterThan(0));
    const pids = host.pids();
    await host.stop();
    expect(host.pids()).toEqual([]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

test("the account's usage counts functions and the code of all versions", async () => {
  const { host, client } = await start([spec("f"), spec("g")]);
  host.publish(spec("f"));
  const { AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
  // $LATEST and the versions 1 and 2 of f, $LATEST and the version 1 of g.
  expect(AccountUsage).toEqual({ FunctionCount: 2, TotalCodeSize: 5 * HANDLER.length });
});
