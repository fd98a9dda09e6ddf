import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvalidParameterValueException,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PreconditionFailedException,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  paginateListFunctions,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import type { Spec } from "../lib/lambda-host/index.ts";
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

async function start(functions: Spec[]) {
  const { client, ...started } = await startManagedHost(functions);
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
  return { ...started, client, configuration, versions, publish, update };
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

  test("are listed for clients that end the path with a slash, as the older ones do", async () => {
    const { host } = await start([spec("f")]);
    const answer = await (await fetch(`${host.url}/2015-03-31/functions/`)).json();
    expect(answer).toMatchObject({ Functions: [{ FunctionName: "f" }] });
    const account = await fetch(`${host.url}/2016-08-19/account-settings/`);
    expect(await account.json()).toMatchObject({ AccountUsage: { FunctionCount: 1 } });
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
    const gate = holdRequests();
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

  test("changes under a request that waits for its environment: it runs as it came, and the environment ends with it", async () => {
    const first = holdRequests();
    const codeDir = codeFolder(`await fetch("${first.url}", { method: "POST" }); ${HANDLER}`);
    const { host, invoke, update } = await start([spec("f", { codeDir })]);
    const running = invoke("f");
    await eventually(() => expect(first.waiting()).toBe(1));
    await update("f", { MemorySize: 512 });
    first.open();
    expect(await running).toMatchObject({ memory: "256" });
    await eventually(() => expect(host.pids()).toEqual([]));
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
    const gate = holdRequests();
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
    const gate = holdRequests();
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

test("the account's usage counts functions and the code of all versions", async () => {
  const { host, client } = await start([spec("f"), spec("g")]);
  host.publish(spec("f"));
  const { AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
  // $LATEST and the versions 1 and 2 of f, $LATEST and the version 1 of g.
  expect(AccountUsage).toEqual({ FunctionCount: 2, TotalCodeSize: 5 * HANDLER.length });
});
