import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import {
  DeleteFunctionCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvalidParameterValueException,
  ListProvisionedConcurrencyConfigsCommand,
  ProvisionedConcurrencyConfigNotFoundException,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { Concurrency } from "../lib/lambda-host/concurrency.ts";
import type { LambdaHostOptions, Spec } from "../lib/lambda-host/index.ts";
import { IDLE_MS, reapIdle } from "../lib/lambda-host/reaper.ts";
import { Registry } from "../lib/lambda-host/registry.ts";
import { runtimeApi } from "../lib/lambda-host/runtime-api.ts";
import {
  codeFolder,
  eventually,
  HANDLER,
  holdRequests,
  manageHosts,
  spec,
  startManagedHost,
} from "./support/managed-host.ts";

manageHosts();

describe("provisioned concurrency", () => {
  async function startProvisioned(functions: Spec[], more: Partial<LambdaHostOptions> = {}) {
    const started = await startManagedHost(functions, more);
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

    const gate = holdRequests();
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
    const gate = holdRequests();
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
    const codeDir = codeFolder('console.log("loads"); throw new Error("no key");');
    const { host, settled } = await startProvisioned([spec("f", { codeDir, provisionedConcurrency: 1 })], {
      onLog: ({ stream, text }) => stream === "stdout" && lines.push(text),
    });
    expect(await settled("f")).toMatchObject({
      Status: "FAILED",
      StatusReason: "FUNCTION_ERROR_INIT_FAILURE",
      AllocatedProvisionedConcurrentExecutions: 0,
    });
    await eventually(() => expect(host.pids()).toEqual([]));
    const said = lines.map((line) => (JSON.parse(line) as { message: unknown }).message);
    expect(said.filter((message) => message === "loads")).toHaveLength(1);
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
    const first = holdRequests();
    const slow = codeFolder(`await fetch("${first.url}", { method: "POST" }); ${HANDLER}`);
    const { put, get, settled } = await startProvisioned([spec("f", { codeDir: slow })]);
    await put("f", 1);
    await eventually(() => expect(first.waiting()).toBe(1));
    expect(await get("f")).toMatchObject({
      Status: "IN_PROGRESS",
      AllocatedProvisionedConcurrentExecutions: 0,
    });
    await expect(put("f", 2)).rejects.toThrow(ResourceConflictException);
    first.open();
    expect(await settled("f")).toMatchObject({
      Status: "READY",
      AllocatedProvisionedConcurrentExecutions: 1,
    });
    const second = holdRequests();
    await put("f", 2);
    await eventually(() => expect(second.waiting()).toBe(1));
    second.open();
    expect(await settled("f")).toMatchObject({ AllocatedProvisionedConcurrentExecutions: 2 });
  });

  test("starts no more environments at once than there are cores, of all functions together", async () => {
    const cores = availableParallelism();
    const inits = holdRequests();
    const slow = codeFolder(`await fetch("${inits.url}", { method: "POST" }); ${HANDLER}`);
    const { host, put, settled, invoke } = await startProvisioned([
      spec("f", { codeDir: slow }),
      spec("g", { codeDir: slow }),
    ]);
    await put("f", cores + 1);
    await eventually(() => expect(inits.waiting()).toBe(cores));
    const running = invoke("g");
    await put("g", 1);
    expect(host.pids()).toHaveLength(cores);
    inits.open();
    expect(await settled("f")).toMatchObject({ AllocatedProvisionedConcurrentExecutions: cores + 1 });
    expect(await settled("g")).toMatchObject({ AllocatedProvisionedConcurrentExecutions: 1 });
    await running;
    expect(host.pids()).toHaveLength(cores + 3);
  });

  test("is not reaped, however long it is idle", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const runtime = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const codeRoot = codeFolder("");
    const concurrency = new Concurrency();
    const registry = new Registry({ codeRoot, runtimeApi: runtime, environment: {}, concurrency });
    const app = new Hono().route(
      "/environments",
      runtimeApi((id) => registry.environment(id)),
    );
    server.on("request", getRequestListener(app.fetch));
    try {
      registry.deploy(spec("f", { provisionedConcurrency: 1 }));
      const [latest, one] = registry.pools;
      await eventually(() => expect(one?.provisioned?.status).toBe("READY"));
      const execution = await latest?.invoke({
        requestId: "1",
        payload: Buffer.from("{}"),
        invokedArn: "f",
      });
      await execution?.ended;
      expect(registry.environments).toHaveLength(2);
      reapIdle(registry, performance.now() + 10 * IDLE_MS);
      await eventually(() => expect(registry.environments).toHaveLength(1));
      expect(registry.environments[0]?.provisioned).toBe(true);
    } finally {
      await registry.stop();
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
