import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaHost, startLambdaHost } from "../lib/local/lambda/host.ts";
import { type RestateServer, startRestateServer } from "../lib/local/restate/server.ts";
import { limitScopes, readLimits } from "../lib/restate/scopes.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../lib/stack/bundle.ts";
import { CONCURRENCY_RULES_BUNDLE, CONCURRENCY_RULES_HANDLER } from "../lib/stack/concurrency-rules.ts";
import { type Answer, type CloudFormation, startCloudFormation } from "./support/cloud-formation.ts";

const directory = mkdtempSync(join(tmpdir(), "fanout-rules-"));
let lambda: LambdaHost;
let cloudFormation: CloudFormation;
beforeAll(async () => {
  bundleFunctions({ [CONCURRENCY_RULES_BUNDLE]: CONCURRENCY_RULES_HANDLER }, directory);
  cloudFormation = await startCloudFormation();
  lambda = await startLambdaHost({
    functions: [
      {
        name: "rules",
        codeDir: join(directory, CONCURRENCY_RULES_BUNDLE),
        handler: BUNDLE_HANDLER,
        memoryMb: 128,
        timeoutSeconds: 120,
        environment: {},
      },
    ],
  });
});
afterAll(async () => {
  await lambda.stop();
  await cloudFormation.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Limits = Record<string, number>;
const properties = (adminUrl: string, limits: Limits) => ({
  adminUrl,
  limits: JSON.stringify(Object.entries(limits).map(([scope, concurrency]) => ({ scope, concurrency }))),
});

/** Sends the function what CloudFormation sends it. @returns what it answers to CloudFormation. */
async function request(
  RequestType: "Create" | "Update" | "Delete",
  adminUrl: string,
  limits: Limits,
  old?: Limits,
): Promise<Answer> {
  const answer = await cloudFormation.request(lambda.url, "rules", {
    RequestType,
    LogicalResourceId: "Rules",
    ResourceProperties: properties(adminUrl, limits),
    ...(old && { OldResourceProperties: properties(adminUrl, old) }),
  });
  // CloudFormation deletes a resource whose id has changed.
  expect(answer).toMatchObject({ PhysicalResourceId: "rules", RequestId: `${RequestType}-1` });
  return answer;
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

  test("follow the contracts when it is updated: changed, added and removed", async () => {
    const before = { get_weather: 20, search_web: 5 };
    await request("Update", restate.adminUrl, { get_weather: 30, send_email: 1 }, before);
    expect(await rules()).toEqual({ "another.stack": 9, get_weather: 30, send_email: 1 });
  });

  test("go with the stack, and others' stay", async () => {
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

  test("does not keep a stack from being removed", async () => {
    expect(await request("Delete", nowhere, { get_weather: 20 })).toMatchObject({ Status: "SUCCESS" });
  });
});
