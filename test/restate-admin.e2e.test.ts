import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functionArn, type LambdaHost, type Spec, startLambdaHost } from "../lib/lambda-host/index.ts";
import { type RestateServer, startRestateServer } from "../lib/local/index.ts";
import {
  limitScopes,
  readDeployments,
  readLimits,
  readServices,
  registerLambda,
} from "../lib/restate/index.ts";
import { REVISION } from "../lib/stack/custom-resources/restate-admin/revision.ts";
import { RULES } from "../lib/stack/custom-resources/restate-admin/rules.ts";
import { SERVICE } from "../lib/stack/custom-resources/restate-admin/service.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../lib/stack/index.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../lib/stack/restate-admin.ts";
import {
  type Answer,
  type CloudFormation,
  type Request,
  startCloudFormation,
} from "./support/cloud-formation.ts";

const directory = mkdtempSync(join(tmpdir(), "fanout-restate-admin-"));
const SERVICES = ["record", "slow"];
const spec = (name: string, memoryMb = 512): Spec => ({
  name,
  codeDir: join(directory, name),
  handler: BUNDLE_HANDLER,
  memoryMb,
  timeoutSeconds: 60,
  environment: {},
});

let lambda: LambdaHost;
/** Every line that a function has logged. */
const log: string[] = [];
let cloudFormation: CloudFormation;
beforeAll(async () => {
  const handler = (name: string) => join(import.meta.dirname, "support/functions", name, "handler.ts");
  const services = Object.fromEntries(SERVICES.map((name) => [name, handler(name)]));
  bundleFunctions({ ...services, [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER }, directory);
  cloudFormation = await startCloudFormation();
  lambda = await startLambdaHost({
    functions: [spec(RESTATE_ADMIN_BUNDLE), ...SERVICES.map((name) => spec(name))],
    onLog: ({ text }) => log.push(text),
  });
});
afterAll(async () => {
  await lambda.stop();
  await cloudFormation.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The id of the resource that CloudFormation keeps, by type. */
const ids = new Map<string, string>();

/** Sends the function what CloudFormation sends it. @returns what it answers to CloudFormation. */
async function send(
  RequestType: Request["RequestType"],
  ResourceType: string,
  now: object,
  old?: object,
): Promise<Answer> {
  const id = RequestType === "Create" ? undefined : ids.get(ResourceType);
  const answer = await cloudFormation.request(lambda.url, RESTATE_ADMIN_BUNDLE, {
    RequestType,
    ResourceType,
    LogicalResourceId: "TheResource",
    ResourceProperties: now,
    ...(id !== undefined && { PhysicalResourceId: id }),
    ...(old && { OldResourceProperties: old }),
  });
  expect(answer).toMatchObject({ RequestId: `${RequestType}-1` });
  // CloudFormation deletes a resource whose id has changed.
  const { PhysicalResourceId } = answer;
  expect(PhysicalResourceId).toMatch(ResourceType === RULES ? /^TheResource(-on|-off)?$/ : /^TheResource$/);
  if (id?.includes("-")) expect(PhysicalResourceId).toBe(id);
  ids.set(ResourceType, PhysicalResourceId);
  return answer;
}

type Limits = Record<string, number>;
/** Every request is a deployment later than the one before, unless it is a rollback. */
let deployments = 0;
function request(
  type: Request["RequestType"],
  adminUrl: string,
  limits: Limits,
  old?: Limits,
  { isRollback = false, version = "1" } = {},
) {
  const last = deployments++;
  const properties = (some: Limits, deployment: number) => ({
    adminUrl,
    deployment: new Date(deployment).toISOString(),
    limits: JSON.stringify(
      Object.entries(some).map(([scope, concurrency]) => ({ scope, concurrency, version })),
    ),
  });
  const [now, before] = isRollback ? [last, deployments] : [deployments, last];
  return send(type, RULES, properties(limits, now), old && properties(old, before));
}

describe("a stack's limits at a Restate with flow control", () => {
  let restate: RestateServer;
  const rules = async () => Object.fromEntries(await readLimits({ url: restate.adminUrl }));
  beforeAll(async () => {
    restate = await startRestateServer({ dataDir: join(directory, "flow"), lambdaUrl: lambda.url });
    await limitScopes({ url: restate.adminUrl }, new Map([["another.stack", 9]]));
  });
  afterAll(() => restate.stop());

  test("are rules when the stack is made, and agents learn that calls have scopes", async () => {
    expect(await request("Create", restate.adminUrl, { get_weather: 20, search_web: 5 })).toMatchObject({
      Status: "SUCCESS",
      Data: { Scopes: "on" },
    });
    expect(await rules()).toEqual({ "another.stack": 9, get_weather: 20, search_web: 5 });
  });

  const remove = (service: string) => {
    const properties = { adminUrl: restate.adminUrl, service, functionArn: functionArn(service) };
    return send("Delete", SERVICE, properties);
  };

  test("follow the contracts when it is updated: changed and added; what is removed goes with its service", async () => {
    const before = { get_weather: 20, search_web: 5 };
    await request("Update", restate.adminUrl, { get_weather: 30, send_email: 1 }, before);
    expect(await rules()).toEqual({ "another.stack": 9, get_weather: 30, search_web: 5, send_email: 1 });
    expect((await remove("search_web")).Status).toBe("SUCCESS");
    expect(await rules()).toEqual({ "another.stack": 9, get_weather: 30, send_email: 1 });
  });

  test("stay as they were scaled while neither they nor their functions change", async () => {
    const limits = { get_weather: 30, send_email: 1 };
    await limitScopes({ url: restate.adminUrl }, new Map([["get_weather", 4]]));
    await request("Update", restate.adminUrl, limits, limits);
    expect(await rules()).toMatchObject({ get_weather: 4 });
    await request("Update", restate.adminUrl, limits, {});
    expect(await rules()).toMatchObject({ get_weather: 30 });
  });

  test("go with the services of a stack, and others' stay", async () => {
    for (const service of ["get_weather", "send_email"]) await remove(service);
    await request("Delete", restate.adminUrl, { get_weather: 30, send_email: 1 });
    expect(await rules()).toEqual({ "another.stack": 9 });
  });
});

test("a Restate without flow control has no rules, and agents learn that calls have no scopes", async () => {
  const dataDir = join(directory, "plain");
  const restate = await startRestateServer({ dataDir, lambdaUrl: lambda.url, protocolV7: false });
  try {
    expect(await request("Create", restate.adminUrl, { get_weather: 20 })).toMatchObject({
      Status: "SUCCESS",
      Data: { Scopes: "off" },
    });
  } finally {
    await restate.stop();
  }
});

describe("a Restate that cannot be reached", () => {
  const nowhere = "http://127.0.0.1:1";

  test("fails the deployment, with a reason that a person understands", async () => {
    const { Status, Reason } = await request("Create", nowhere, { get_weather: 20 });
    expect(Status).toBe("FAILED");
    expect(Reason).toBe(`Restate's admin API at ${nowhere} does not answer. Is it running?`);
  });

  test("does not fail a rollback, after which nothing could be deployed, and is logged", async () => {
    const old = { get_weather: 30 };
    const outcome = await request("Update", nowhere, { get_weather: 20 }, old, { isRollback: true });
    expect(outcome).toMatchObject({ Status: "SUCCESS", Data: { Scopes: "off" } });
    expect(log.join()).toContain("rollback of limits failed");
  });

  test("does not keep a stack from being removed; what stays there is told and logged", async () => {
    expect(await request("Delete", nowhere, { get_weather: 20 })).toMatchObject({ Status: "SUCCESS" });
    const service = { adminUrl: nowhere, service: "record", functionArn: functionArn("record") };
    const Reason = `Restate's admin API at ${nowhere} does not answer. Is it running?`;
    expect(await send("Delete", SERVICE, service)).toMatchObject({ Status: "SUCCESS", Reason });
    const told = log
      .map((line) => JSON.parse(line))
      .filter(({ message }) => message?.event === "cleanup failed");
    expect(told).toMatchObject([{ level: "ERROR", message: { resource: "TheResource", text: Reason } }]);
  });
});

describe("the registrations of functions", () => {
  let restate: RestateServer;
  beforeAll(async () => {
    restate = await startRestateServer({ dataDir: join(directory, "registrations"), lambdaUrl: lambda.url });
    for (const name of SERVICES) {
      await register(lambda.arn(name));
      lambda.publish(spec(name, 1024));
      await register(lambda.arn(name));
    }
  });
  afterAll(() => restate.stop());

  const register = (arn: string) => registerLambda({ url: restate.adminUrl }, arn, { private: true });
  const registered = async () =>
    (await readDeployments({ url: restate.adminUrl }))
      .map(({ arn }) => arn?.replace(/.*function:/, ""))
      .sort();
  const properties = (service: string) => ({
    adminUrl: restate.adminUrl,
    service,
    functionArn: functionArn(service),
  });

  test("are nothing to it while the functions are there", async () => {
    const record = properties("record");
    expect((await send("Create", SERVICE, record)).Status).toBe("SUCCESS");
    await send("Update", SERVICE, record, record);
    expect(await registered()).toEqual(["record:1", "record:2", "slow:1", "slow:2"]);
  });

  test("stay when the resource goes that an earlier version of the stack had for all functions", async () => {
    const { adminUrl } = properties("record");
    const functionArns = SERVICES.map((name) => functionArn(name));
    const { Status } = await send("Delete", "Custom::RestateUnregistration", { adminUrl, functionArns });
    expect(Status).toBe("SUCCESS");
    expect(await registered()).toEqual(["record:1", "record:2", "slow:1", "slow:2"]);
  });

  test("go, all versions of them, with a function that leaves the stack", async () => {
    await send("Delete", SERVICE, properties("record"));
    expect(await registered()).toEqual(["slow:1", "slow:2"]);
    expect((await readServices({ url: restate.adminUrl })).map(({ name }) => name)).toEqual(["slow"]);
  });

  test("go with the stack", async () => {
    expect((await send("Delete", SERVICE, properties("slow"))).Status).toBe("SUCCESS");
    expect(await registered()).toEqual([]);
    expect(await readServices({ url: restate.adminUrl })).toEqual([]);
  });
});

test("a function has another revision at each request", async () => {
  const properties = { version: "1", scopes: "on" };
  const first = await send("Create", REVISION, properties);
  const second = await send("Update", REVISION, { ...properties, version: "2" }, properties);
  expect(first.Data?.Revision).toMatch(/^20\d\d-/);
  expect(second.Data?.Revision).not.toBe(first.Data?.Revision);
  expect(await send("Delete", REVISION, properties)).toMatchObject({ Status: "SUCCESS" });
});

test("a resource that it does not know fails the deployment, and is named", async () => {
  expect(await send("Create", "Custom::Other", {})).toMatchObject({
    Status: "FAILED",
    Reason: `Unknown resource Custom::Other. Known: ${RULES}, ${SERVICE}, ${REVISION}.`,
  });
});
