import type { Template } from "aws-cdk-lib/assertions";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  configFor,
  inOnePiece,
  type Resource,
  resources,
  type Synthesis,
  startSynthesis,
  type targets,
} from "../../../test/support/stack.ts";
import type { AgentStackProps } from "../agent-stack.ts";
import type { ServerSettings } from "./settings.ts";

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());
afterEach(() => {
  vi.useRealTimers();
});
/** A template says when it was made. */
const stopTheClock = () => vi.useFakeTimers({ toFake: ["Date"], now: 0 });

const KEY = { RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key" };
const config = configFor("cloud", KEY);
const withServer = (server?: ServerSettings, more: Partial<AgentStackProps> = {}) =>
  synthesis.template(config, { server: true, settings: { ...more.settings, ...(server && { server }) } });
/** Without what depends on how much CDK has made before in the same process: the end of a version's id. */
const all = (template: Template): Record<string, Resource> =>
  JSON.parse(JSON.stringify(template.toJSON().Resources).replaceAll(/(CurrentVersion\w{8})\w{32}/g, "$1"));
const the = (template: Template, type: string, name = /^Server/) =>
  Object.entries(resources(template, type)).flatMap(([id, { Properties }]) =>
    name.test(id) ? [inOnePiece(Properties) as Resource["Properties"]] : [],
  );

describe("the routes' function", () => {
  test("is beside a stack that is otherwise the same, and is not there unless the project has routes", () => {
    stopTheClock();
    const without = all(synthesis.template(config));
    const beside = Object.entries(all(withServer()));
    const added = beside.filter(([id]) => !(id in without));
    expect(Object.fromEntries(beside.filter(([id]) => id in without))).toEqual(without);
    expect(added.map(([id, { Type }]) => `${id.replace(/[A-F0-9]{8}$/, "")} ${Type}`).sort()).toEqual([
      "ServerFunction AWS::Lambda::Function",
      "ServerFunctionFunctionUrl AWS::Lambda::Url",
      "ServerFunctioninvokefunction AWS::Lambda::Permission",
      "ServerFunctioninvokefunctionurl AWS::Lambda::Permission",
      "ServerLogs AWS::Logs::LogGroup",
      "ServerRole AWS::IAM::Role",
      "ServerRoleDefaultPolicy AWS::IAM::Policy",
    ]);
    expect(Object.keys(without).filter((id) => id.startsWith("Server"))).toEqual([]);
  });

  test("streams from a URL that the stack names, and outlives a stream", () => {
    const template = withServer({ streamSeconds: 300, maxConcurrency: 7, memoryMb: 128 });
    expect(the(template, "AWS::Lambda::Url")).toEqual([
      { AuthType: "NONE", InvokeMode: "RESPONSE_STREAM", TargetFunctionArn: expect.any(String) },
    ]);
    expect(the(template, "AWS::Lambda::Function")).toMatchObject([
      { Timeout: 360, ReservedConcurrentExecutions: 7, MemorySize: 128, FunctionName: "server-fanout-dev" },
    ]);
    expect(inOnePiece(template.toJSON().Outputs.ServerUrl.Value)).toMatch(
      /^<ServerFunction.*\.FunctionUrl>$/,
    );
  });

  test("may write its log and read the ingress's key, which stands nowhere; nothing else", () => {
    const template = withServer();
    const [policy, ...others] = the(template, "AWS::IAM::Policy");
    expect(others).toEqual([]);
    const secret =
      "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:restate/ingress-key-??????";
    expect(policy?.PolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: expect.stringMatching(/^<ServerLogs\w+\.Arn>$/),
      },
      {
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: secret,
      },
    ]);
    const [{ Environment } = { Environment: {} }] = the(template, "AWS::Lambda::Function");
    const ofExtension = /^(PARAMETERS_SECRETS|SECRETS_MANAGER|SSM_PARAMETER_STORE)_/;
    const own = Object.entries(Environment.Variables).filter(([name]) => !ofExtension.test(name));
    expect(Object.fromEntries(own)).toEqual({ ...KEY, RESTATE_INGRESS_URL: expect.any(String) });
  });

  test("anybody may ask it, by its URL alone", () => {
    const allowed = { FunctionName: expect.stringMatching(/^<ServerFunction\w+\.Arn>$/), Principal: "*" };
    expect(the(withServer(), "AWS::Lambda::Permission")).toEqual([
      { ...allowed, Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" },
      { ...allowed, Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true },
    ]);
  });

  test("with AWS_IAM nobody may who is not allowed to elsewhere", () => {
    const template = withServer({ auth: "AWS_IAM" });
    expect(the(template, "AWS::Lambda::Url")).toMatchObject([{ AuthType: "AWS_IAM" }]);
    expect(the(template, "AWS::Lambda::Permission")).toEqual([]);
  });

  test("other sites' pages may use it only if they are named, and send no cookies", () => {
    const origins = ["https://app.example.com"];
    const [url] = the(withServer({ corsOrigins: origins }), "AWS::Lambda::Url");
    expect(url?.Cors).toMatchObject({ AllowOrigins: origins, AllowMethods: ["GET", "POST"] });
    expect(url?.Cors.AllowHeaders).toEqual([
      "authorization",
      "content-type",
      "idempotency-key",
      "last-event-id",
    ]);
    expect(url?.Cors).not.toHaveProperty("AllowCredentials");
  });

  test("the account's settings are its settings too", () => {
    const logKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/logs";
    const template = withServer(undefined, { settings: { logKeyArn, permissionsBoundary: "developers" } });
    expect(the(template, "AWS::Logs::LogGroup")).toMatchObject([{ KmsKeyId: logKeyArn, RetentionInDays: 7 }]);
    expect(the(template, "AWS::IAM::Role")[0]?.PermissionsBoundary).toMatch(/:policy\/developers$/);
  });

  test("has a place in the dashboard", () => {
    const prod = configFor("cloud", { ...KEY, FANOUT_STAGE: "prod" });
    const [dashboard] = the(synthesis.template(prod, { server: true }), "AWS::CloudWatch::Dashboard", /./);
    expect(dashboard?.DashboardBody).toContain("server-routes: concurrency");
  });
});

test("a laptop has none: it serves routes of its own", () => {
  stopTheClock();
  expect(all(synthesis.template(configFor("local"), { server: true }))).toEqual(
    all(synthesis.template(configFor("local"))),
  );
});

test.each<[string, keyof typeof targets, Record<string, string>, ServerSettings, string]>([
  ["no key for the ingress", "cloud", {}, {}, "expected RESTATE_INGRESS_KEY_SECRET"],
  ["an ingress in a network", "self-hosted", {}, {}, "a function URL streams nothing"],
  ["a stream of an hour", "existing", KEY, { streamSeconds: 3600 }, "from 15 to 840, got 3600"],
  ["no concurrency", "existing", KEY, { maxConcurrency: 0 }, "from 1 to 1000, got 0"],
  ["half a megabyte", "existing", KEY, { memoryMb: 0.5 }, "from 128 to 10240, got 0.5"],
])("%s is refused with what was expected", (_, target, more, server, words) => {
  expect(() => synthesis.template(configFor(target, more), { server: true, settings: { server } })).toThrow(
    words,
  );
});
