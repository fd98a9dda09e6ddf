import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runCommandLine } from "../lib/cli/index.ts";
import { readServices } from "../lib/restate/index.ts";
import { type AwsDouble, startAwsDouble } from "./support/aws-double.ts";
import { type CdkStandIn, quietCdk, startCdkStandIn } from "./support/cdk-stand-in.ts";
import { cloudFormationApi } from "./support/cloud-formation-api.ts";
import { type DeployedStack, startDeployedStack } from "./support/deployed-stack.ts";
import agent from "./support/functions/agent/agent.ts";
import gate from "./support/functions/gate/tool.ts";
import record from "./support/functions/record/tool.ts";
import { answer, calls, replies } from "./support/script.ts";

// The command itself. What is deployed runs in the Lambda host and a real restate-server, where CloudFormation's double puts it:
// for CDK's own command line, which speaks to doubles of AWS's services, and, where only its calls matter, for a stand-in.

const SECRET = "restate/api-key";
const MODEL_KEY = "fanout-dev/OPENAI_API_KEY";
const tools = [gate, record];
/** A deployment starts every function that it registers. */
const roomy = { timeout: 180_000 };
const script = replies(calls({ id: "c", name: "gate", input: { id: "g" } }), answer("Done."));

let stack: DeployedStack;
let aws: AwsDouble;
let cdk: CdkStandIn;
beforeAll(async () => {
  [stack, cdk] = await Promise.all([startDeployedStack(), startCdkStandIn()]);
}, roomy.timeout);
afterAll(() => Promise.all([stack?.stop(), cdk?.stop()]));

let written: string;
beforeEach(async () => {
  aws = await startAwsDouble({ [SECRET]: stack.admin.key, [MODEL_KEY]: "sk-model" });
  const settings = {
    FANOUT_TARGET: "existing",
    RESTATE_ADMIN_URL: stack.admin.url,
    RESTATE_INGRESS_URL: stack.cluster.restate.ingressUrl,
    RESTATE_API_KEY_SECRET: SECRET,
    RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate",
    RESTATE_TOKEN: "",
    ...aws.environment(stack.cluster.lambda.url),
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  written = "";
  const keep = (text: unknown) => {
    written += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  cdk.calls.length = 0;
  cdk.on(deployForReal);
  await stack.cluster.use(script);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await aws.stop();
});

async function deployForReal([command]: string[]) {
  if (command !== "deploy") return { code: 0 };
  const { status } = await stack.deploy({ tools });
  const outputs = { "fanout-dev": { IngressUrl: stack.cluster.restate.ingressUrl } };
  return { code: /^(CREATE|UPDATE)_COMPLETE$/.test(status) ? 0 : 1, outputs };
}

const run = (...args: string[]) => runIn(cdk.root, ...args);
const runIn = (root: string, ...args: string[]) =>
  runCommandLine(args, {
    root,
    loadRoster: async () => ({ tools, agents: [agent] }),
    loadStandIns: async () => ({}),
    loadDefaults: async () => ({ smokeQuestion: "Go." }),
  });
const commands = () => cdk.calls.map(([command]) => command);
const services = async () =>
  (await readServices({ url: stack.cluster.restate.adminUrl })).map(({ name }) => name).sort();

describe("before anything is deployed", () => {
  afterEach(async () => expect(await services()).toEqual([]));

  test("a key that Restate refuses ends it before CDK is called, and is not shown", async () => {
    aws.secrets[SECRET] = "key_of_another_environment";
    expect(await run("deploy", "--yes")).toBe(1);
    expect(commands()).toEqual([]);
    expect(written).toMatch(/problem +restate\/api-key +\S+ refused the key in it \(401\)/);
    expect(written).toContain("1 problem. Nothing was changed.");
    expect(written).not.toContain("key_of_another_environment");
  });

  test("so does a Restate that does not answer", async () => {
    stack.admin.reachable = false;
    expect(await run("deploy", "--yes")).toBe(1);
    stack.admin.reachable = true;
    expect(commands()).toEqual([]);
    expect(written).toMatch(/problem +admin API +Restate's admin API at \S+ does not answer/);
  });

  test.each<[what: string, change: () => void, words: RegExp]>([
    ["no secret", () => delete aws.secrets[SECRET], /create-secret --name restate\/api-key/],
    ["a secret with JSON in it", () => (aws.secrets[SECRET] = '{"key":"1"}'), /something other than a plain/],
    ["no key of the model", () => delete aws.secrets[MODEL_KEY], /TestAgent needs it/],
    ["a model's key without a value", () => (aws.secrets[MODEL_KEY] = undefined), /it has no value/],
    [
      "no bootstrap stack",
      () => (aws.bootstrap = undefined),
      /Once per account and region: npx cdk bootstrap/,
    ],
    ["an old bootstrap stack", () => (aws.bootstrap = "5"), /has version 5, and 6 is needed/],
    ["another account", () => vi.stubEnv("FANOUT_ACCOUNT", "999999999999"), /FANOUT_ACCOUNT is 999999999999/],
    ["no target", () => vi.stubEnv("FANOUT_TARGET", ""), /FANOUT_TARGET names no deployment/],
  ])("so does %s", async (_, change, words) => {
    change();
    expect(await run("deploy", "--yes")).toBe(1);
    expect(commands()).toEqual([]);
    expect(written.replaceAll(/\s+/g, " ")).toMatch(words);
  });

  test("without a person to ask, it ends after the differences", async () => {
    expect(await run("deploy")).toBe(1);
    expect(commands()).toEqual(["synth", "diff"]);
    expect(written).toContain("add --yes to deploy without a question. Nothing was changed.");
  });

  test("who may not read the secret is told what that leaves open, and needs a key of their own", async () => {
    aws.denied.add("secretsmanager:GetSecretValue");
    expect(await run("doctor", "--preflight")).toBe(1);
    expect(written).toMatch(/warning +restate\/api-key +whether Restate accepts the key/);
    expect(written).toContain("Set RESTATE_TOKEN");
    vi.stubEnv("RESTATE_TOKEN", stack.admin.key);
    expect(await run("doctor", "--preflight")).toBe(0);
    expect(commands()).toEqual([]);
  });

  test("settings and the bootstrap stack's qualifier may be in cdk.json", async () => {
    const file = join(cdk.root, "cdk.json");
    const before = readFileSync(file, "utf8");
    const context = {
      FANOUT_TARGET: "existing",
      FANOUT_STAGE: "dev",
      "@aws-cdk/core:bootstrapQualifier": "own",
    };
    writeFileSync(file, JSON.stringify({ context }));
    vi.stubEnv("FANOUT_TARGET", "");
    expect(await run("doctor", "--preflight"), written).toBe(0);
    writeFileSync(file, before);
    expect(aws.parameters).toEqual(["/cdk-bootstrap/own/version"]);
  });

  test("the preflight reads, and does nothing else at AWS", async () => {
    expect(await run("doctor", "--preflight")).toBe(0);
    expect([...new Set(aws.actions)].sort()).toEqual(
      [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "GetCallerIdentity",
      ].sort(),
    );
  });
});

describe("when all is well", () => {
  test(
    "it shows the differences, deploys the same assembly, examines it, and asks the agent",
    roomy,
    async () => {
      expect(await run("deploy", "--yes"), written).toBe(0);
      expect(commands()).toEqual(["synth", "diff", "deploy"]);
      const [synth = [], diff = [], deploy = []] = cdk.calls;
      const assembly = synth.at(-1) as string;
      expect(diff.slice(1)).toEqual([
        "fanout-dev",
        "--app",
        assembly,
        "--method",
        "template",
        "--fail-on",
        "never",
      ]);
      expect(deploy.slice(1, 6)).toEqual(["fanout-dev", "--app", assembly, "--require-approval", "never"]);
      expect(written).toContain("all 4 are registered with their newest version");
      expect(written).toMatch(/^Smoke run inv_\w+: ok, 1 call, \d+ tokens/m);
      expect(await services()).toEqual([
        "RunEvents",
        "TestAgent",
        "TestAgentConversation",
        "ToolCalls",
        "gate",
        "record",
      ]);
    },
  );

  test("an assembly that is there already is deployed as it is", roomy, async () => {
    expect(await run("deploy", "--yes", "--assembly", "/assemblies/one", "--no-smoke")).toBe(0);
    expect(cdk.calls.map((args) => args.slice(0, 4))).toEqual([
      ["diff", "fanout-dev", "--app", "/assemblies/one"],
      ["deploy", "fanout-dev", "--app", "/assemblies/one"],
    ]);
    expect(stack.cluster.modelRequests).toEqual([]);
  });
});

describe("with CDK's own command line", () => {
  let real: ReturnType<typeof quietCdk>;
  beforeAll(() => {
    real = quietCdk();
  });
  afterAll(() => real?.remove());

  const deployWith = async (end: (status: string) => string) => {
    vi.stubEnv("FANOUT_REGION", "us-east-1");
    stack.template({ tools });
    aws.cloudFormation = cloudFormationApi("fanout-dev", async () => {
      const { status } = await stack.deploy({ tools });
      return { status: end(status), outputs: { IngressUrl: stack.cluster.restate.ingressUrl } };
    });
    return runIn(real.root, "deploy", "--yes", "--assembly", stack.assembly);
  };

  test("it uploads, deploys and answers; the differences make nothing at AWS", roomy, async () => {
    expect(await deployWith((status) => status), written).toBe(0);
    expect(written).toMatch(/^Smoke run inv_\w+: ok, 1 call, \d+ tokens/m);
    expect(real.written()).toContain("[+] AWS::Lambda::Function gate/Function");
    const used = aws.actions.filter((action) => /^(Create|Execute|Delete|Update)/.test(action));
    expect(used).toEqual(["CreateChangeSet", "ExecuteChangeSet"]);
  });

  test("it fails when CloudFormation has rolled back", roomy, async () => {
    expect(await deployWith(() => "UPDATE_ROLLBACK_COMPLETE")).toBe(1);
    expect(written).toContain("cdk deploy ended with exit code 1. CloudFormation rolls back");
    expect(stack.cluster.modelRequests).toEqual([]);
  });
});

describe("exit code 1, and what to do", () => {
  test("when CDK's deployment fails, without asking the agent", async () => {
    cdk.on(async ([command]) => ({ code: command === "deploy" ? 1 : 0 }));
    expect(await run("deploy", "--yes")).toBe(1);
    expect(written).toContain("cdk deploy ended with exit code 1. CloudFormation rolls back");
    expect(stack.cluster.modelRequests).toEqual([]);
  });

  test("when Ctrl-C ends CDK's deployment, which is told of it", async () => {
    cdk.on(async ([command]) => {
      if (command !== "deploy") return { code: 0 };
      process.emit("SIGINT", "SIGINT");
      return new Promise(() => {});
    });
    expect(await run("deploy", "--yes")).toBe(1);
    expect(written).toContain(
      "cdk deploy ended with SIGINT. CloudFormation rolls back what failed, and goes",
    );
  });

  test("when what is deployed does not do what was declared", roomy, async () => {
    cdk.on(async () => ({ code: 0, outputs: {} }));
    vi.stubEnv("FANOUT_STAGE", "other");
    aws.secrets["fanout-other/OPENAI_API_KEY"] = "sk-model";
    expect(await run("deploy", "--yes")).toBe(1);
    expect(written.replaceAll(/\s+/g, " ")).toMatch(
      /Lambda has no function fanout-other-gate.* It is deployed\. Look/,
    );
  });

  test.each([
    [
      "a call fails",
      replies(calls({ id: "c", name: "nobody", input: {} }), answer("Sorry.")),
      /1 of 1 calls/,
    ],
    [
      "the run fails",
      replies({ error: { message: "No credit.", type: "quota" }, status: 402 }),
      /did not answer/,
    ],
  ])("when %s in the smoke run", roomy, async (_, failing, words) => {
    await stack.cluster.use(failing);
    expect(await run("deploy", "--yes")).toBe(1);
    const text = written.replaceAll(/\s+/g, " ");
    expect(text).toMatch(words);
    expect(text).toMatch(/The smoke run inv_\w+ .* check out the former commit and deploy that/);
  });
});
