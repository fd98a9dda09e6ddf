import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDeploymentConfig } from "../lib/deployment/index.ts";
import { TOPIC } from "../lib/events/index.ts";
import { readAssembly } from "../lib/local/assembly/assembly.ts";
import { resolve, type Template } from "../lib/local/assembly/template.ts";
import { readDeployments, readServices } from "../lib/restate/index.ts";
import { AgentStack, bundleFunctions } from "../lib/stack/index.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "../lib/stack/registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../lib/stack/restate-admin.ts";
import { RUN_EVENTS_HANDLER } from "../lib/stack/run-events/run-events-function.ts";
import {
  type Answer,
  type CloudFormation,
  type Request,
  startCloudFormation,
} from "./support/cloud-formation.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import agent from "./support/functions/agent/agent.ts";
import gate from "./support/functions/gate/tool.ts";
import { answer, calls, resultsIn } from "./support/script.ts";
import { serviceDeployer } from "./support/service-deployer.ts";

const REGISTRATION = "Custom::RestateServiceDeployment";
const DEPLOYER = "deployer";
/** The deployer waits up to ten seconds before it tries again. */
const roomy = { timeout: 180_000 };
const directory = mkdtempSync(join(tmpdir(), "fanout-registration-"));

/** Our own stack of one tool and one agent, with the code of these folders. */
function synthesise(name: string, folders: { gate: string; agent: string }) {
  const bundleDir = join(directory, `${name}-bundles`);
  const handler = (folder: string) => join(import.meta.dirname, "support/functions", folder, "handler.ts");
  bundleFunctions(
    {
      [gate.name]: handler(folders.gate),
      [agent.name]: handler(folders.agent),
      [TOPIC]: RUN_EVENTS_HANDLER,
      [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER,
      [RESTATE_REGISTRATION_BUNDLE]: RESTATE_REGISTRATION_HANDLER,
    },
    bundleDir,
  );
  const outdir = join(directory, name);
  // test/stack.test.ts has the template checked.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const config = readDeploymentConfig({});
  new AgentStack(app, config.name, { tools: [gate], agents: [agent], config, bundleDir });
  app.synth();
  const template: Template = JSON.parse(readFileSync(join(outdir, `${config.name}.template.json`), "utf8"));
  return { outdir, template, functions: readAssembly(outdir).functions };
}
type Synthesised = ReturnType<typeof synthesise>;

let first: Synthesised;
let second: Synthesised;
let cluster: Cluster;
let cloudFormation: CloudFormation;
beforeAll(async () => {
  first = synthesise("first", { gate: "gate", agent: "agent" });
  second = synthesise("second", { gate: "second-edition/gate", agent: "second-edition/agent" });
  cloudFormation = await startCloudFormation();
  cluster = await startCluster("v7", { empty: true });
  cluster.lambda.publish(serviceDeployer(first, DEPLOYER));
});
afterAll(async () => {
  await cluster?.stop();
  await cloudFormation?.stop();
  rmSync(directory, { recursive: true });
});

/** A service's registration: its logical id, and its properties as the template has them. */
function registration({ template }: Synthesised, service: string) {
  const found = Object.entries(template.Resources).filter(
    ([, { Type, Properties }]) => Type === REGISTRATION && Properties?.servicePath === service,
  );
  expect(found).toHaveLength(1);
  const [logicalId, { Properties = {} }] = found[0] as [string, Template["Resources"][string]];
  return { logicalId, properties: Properties };
}

/** Publishes a service's function as the stack has it. @returns the version's ARN. */
function publish({ functions }: Synthesised, service: string, codeDir?: string): string {
  const spec = functions.find(({ name }) => name === `fanout-${service}`);
  if (!spec) throw new Error(`the stack has no function for ${service}`);
  const environment = { ...spec.environment, ...cluster.settings, RESTATE_SCOPES: "" };
  const version = cluster.lambda.publish({ ...spec, environment, ...(codeDir && { codeDir }) });
  return cluster.lambda.arn(spec.name, version);
}

/** What CloudFormation sends to the deployer for a service, with this version in it; every value is a text then. */
function send(
  RequestType: Request["RequestType"],
  service: string,
  serviceLambdaArn: string,
  PhysicalResourceId?: string,
): Promise<Answer> {
  const { logicalId, properties } = registration(first, service);
  const resolved = Object.entries(properties).map(([name, value]) => [name, resolve(first.template, value)]);
  return cloudFormation.request(cluster.lambda.url, DEPLOYER, {
    RequestType,
    ResourceType: REGISTRATION,
    LogicalResourceId: logicalId,
    ResourceProperties: {
      ...Object.fromEntries(resolved),
      adminUrl: cluster.restate.adminUrl,
      serviceLambdaArn,
    },
    ...(PhysicalResourceId !== undefined && { PhysicalResourceId }),
  });
}

const admin = () => ({ url: cluster.restate.adminUrl });
/** The registered versions of a service's function. */
async function registered(service: string): Promise<string[]> {
  const deployments = await readDeployments(admin());
  const arns = deployments.filter(({ services }) => services.includes(service)).map(({ arn }) => arn ?? "");
  return arns.map((arn) => arn.replace(/.*:/, "")).sort((a, b) => Number(a) - Number(b));
}
async function liveVersion(service: string): Promise<string | undefined> {
  const [services, deployments] = await Promise.all([readServices(admin()), readDeployments(admin())]);
  const id = services.find(({ name }) => name === service)?.deploymentId;
  return deployments.find((deployment) => deployment.id === id)?.arn?.replace(/.*:/, "");
}

/** The ids that CloudFormation keeps, by service. */
const ids: Record<string, string> = {};
const script = [calls({ id: "c", name: "gate", input: { id: "g" } }), answer("Done.")] as const;

test("between two deployments a registration stays the same resource with another version, so CloudFormation updates it", () => {
  for (const service of [gate.name, agent.name]) {
    const before = registration(first, service);
    const after = registration(second, service);
    expect(after.logicalId).toBe(before.logicalId);
    const { serviceLambdaArn: old, ...kept } = before.properties;
    const { serviceLambdaArn: fresh, ...keeps } = after.properties;
    expect(keeps).toEqual(kept);
    expect(fresh).not.toEqual(old);
  }
});

test("Create registers a tool that only services can call, and an agent that the ingress can", async () => {
  for (const service of [gate.name, agent.name]) {
    const { Status, PhysicalResourceId } = await send("Create", service, publish(first, service));
    expect(Status).toBe("SUCCESS");
    ids[service] = PhysicalResourceId;
  }
  expect((await readServices(admin())).map((one) => `${one.name} ${one.public}`).sort()).toEqual([
    "TestAgent true",
    "TestAgentConversation true",
    "gate false",
  ]);
  const { status, body } = await cluster.call("/restate/call/gate/run", { id: "g" });
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { message: "the invoked service is not public" },
  });
  expect((await cluster.run(...script)).answer).toBe("Done.");
});

test("Update registers the new version beside the old one, keeps the id and what is private, and new calls go there", async () => {
  const arn = publish(second, gate.name);
  const { Status, PhysicalResourceId } = await send("Update", gate.name, arn, ids[gate.name]);
  expect({ Status, PhysicalResourceId }).toEqual({ Status: "SUCCESS", PhysicalResourceId: ids[gate.name] });
  expect(await registered(gate.name)).toEqual(["1", "2"]);
  expect((await readServices(admin())).find(({ name }) => name === gate.name)?.public).toBe(false);
  await cluster.run(...script);
  expect(resultsIn(cluster.modelRequests.at(-1))).toEqual({ c: { id: "g", told: "by the second edition" } });
});

test(
  "old versions beyond the stack's history are removed, but none with a run in flight",
  roomy,
  async () => {
    const history = Number(registration(first, agent.name).properties.revisionHistoryLimit);
    const update = async () => {
      const { Status } = await send("Update", agent.name, publish(first, agent.name), ids[agent.name]);
      expect(Status).toBe("SUCCESS");
    };
    const versions = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    const run = await cluster.begin(...script);
    await expect.poll(() => cluster.gate.history).toEqual(["arrived g"]);

    const last = history + 3;
    for (let version = 2; version <= last; version++) await update();
    expect(await registered(agent.name)).toEqual(["1", ...versions(3, last)]);
    open.resolve();
    expect((await cluster.outcome(run)).answer).toBe("Done.");
    await update();
    expect(await registered(agent.name)).toEqual(versions(4, last + 1));
  },
);

test(
  "an Update to a version that does not start fails with the reason, and calls go where they went",
  roomy,
  async () => {
    const broken = join(directory, "broken");
    mkdirSync(broken);
    writeFileSync(join(broken, "index.mjs"), 'throw new Error("No gate here.");');
    const before = cluster.lambda.arn(`fanout-${gate.name}`);
    const arn = publish(second, gate.name, broken);
    const { Status, Reason, PhysicalResourceId } = await send("Update", gate.name, arn, ids[gate.name]);
    expect({ Status, PhysicalResourceId }).toEqual({
      Status: "FAILED",
      PhysicalResourceId: ids[gate.name],
    });
    expect(Reason).toBe("Restate cannot use fanout-gate:3 (500): No gate here.");
    expect(await liveVersion(gate.name)).toBe("2");

    // CloudFormation rolls back.
    expect(await send("Update", gate.name, before, ids[gate.name])).toMatchObject({ Status: "SUCCESS" });
    expect(await liveVersion(gate.name)).toBe("2");
  },
);

test("an Update back to the version before, as a deployment that is rolled back sends it, makes that one live again", async () => {
  const { Status } = await send(
    "Update",
    gate.name,
    cluster.lambda.arn(`fanout-${gate.name}`, "1"),
    ids[gate.name],
  );
  expect(Status).toBe("SUCCESS");
  expect(await liveVersion(gate.name)).toBe("1");
  expect(await registered(gate.name)).toEqual(["1", "2"]);
  await cluster.run(...script);
  expect(resultsIn(cluster.modelRequests.at(-1))).toEqual({ c: { id: "g" } });
});

test("Delete removes the registration of its version, and no other", async () => {
  const arn = cluster.lambda.arn(`fanout-${gate.name}`, "2");
  const { Status } = await send("Delete", gate.name, arn, ids[gate.name]);
  expect(Status).toBe("SUCCESS");
  expect(await registered(gate.name)).toEqual(["1"]);
});

test("Delete of an agent's last registration removes its conversations, too", async () => {
  for (const version of await registered(agent.name)) {
    const arn = cluster.lambda.arn(`fanout-${agent.name}`, version);
    expect(await send("Delete", agent.name, arn, ids[agent.name])).toMatchObject({ Status: "SUCCESS" });
  }
  expect((await readServices(admin())).map(({ name }) => name)).toEqual([gate.name]);
});
