import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import agent from "../../functions/agents/parallel-tool-agent/agent.ts";
import type { CaughtMail } from "../../functions/tools/send_email/stand-in/smtp.ts";
import standIn from "../../functions/tools/send_email/stand-in.ts";
import tool from "../../functions/tools/send_email/tool.ts";
import type { AgentOutput } from "../../lib/agent/index.ts";
import { type LambdaHost, startLambdaHost } from "../../lib/lambda-host/index.ts";
import { type RestateServer, startRestateServer } from "../../lib/local/index.ts";
import { registerLambda } from "../../lib/restate/index.ts";
import { type Sandbox, startSandbox } from "../../lib/sandbox/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import { type CrashPoint, type CrashProxy, startCrashProxy } from "../support/crash-proxy.ts";
import { ROOT } from "../support/imports.ts";

// The tool that ships, in its bundle, against the sandbox's mail server; the offline model asks for it.

const HANDLERS = {
  [tool.name]: "functions/tools/send_email/handler.ts",
  [agent.name]: "functions/agents/parallel-tool-agent/handler.ts",
};

const directory = mkdtempSync(join(tmpdir(), "fanout-email-test-"));
let sandbox: Sandbox;
let lambda: LambdaHost;
let proxy: CrashProxy;
let restate: RestateServer;
beforeAll(async () => {
  const now = { latencyMs: 0 };
  sandbox = await startSandbox({ standIns: { [tool.name]: standIn }, faults: { openai: now, smtp: now } });
  const entries = Object.entries(HANDLERS).map(([name, file]) => [name, join(ROOT, file)]);
  bundleFunctions(Object.fromEntries(entries), directory);
  lambda = await startLambdaHost({
    functions: Object.keys(HANDLERS).map((name) => ({
      name,
      codeDir: join(directory, name),
      handler: BUNDLE_HANDLER,
      memoryMb: 512,
      timeoutSeconds: 60,
      environment: { ...sandbox.environment.models, ...sandbox.environment.upstreams },
    })),
  });
  proxy = await startCrashProxy(lambda.url);
  restate = await startRestateServer({
    dataDir: join(directory, "restate"),
    lambdaUrl: proxy.url,
    ports: { ingress: await getPort(), admin: await getPort(), node: await getPort() },
    protocolV7: true,
  });
  for (const name of Object.keys(HANDLERS)) {
    await registerLambda({ url: restate.adminUrl }, lambda.arn(name), { private: name !== agent.name });
  }
});
afterAll(async () => {
  await restate?.stop();
  await Promise.all([proxy?.stop(), lambda?.stop(), sandbox?.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

async function ask(message: string): Promise<AgentOutput> {
  const response = await fetch(`${restate.ingressUrl}/restate/call/${agent.name}/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as AgentOutput;
}

const mailbox = async () => (await (await fetch(`${sandbox.url}/_control/mail`)).json()) as CaughtMail[];
const mailAbout = async (text: string) => (await mailbox()).filter((mail) => mail.text === text);

/** The agent asks the model, the write has its effect, the agent asks again. */
const INVOCATIONS = [agent.name, tool.name, agent.name];
/** The one in which the effect happens. */
const EFFECT = INVOCATIONS.indexOf(tool.name) + 1;

test("an email that was asked for in words is delivered once, and the answer says where it went", async () => {
  proxy.arm(undefined, () => {});
  const run = await ask("Send an email to ada@example.com saying the build is green");
  expect(run.toolCalls).toMatchObject([{ tool: "send_email", status: "ok", attempts: 1 }]);
  expect(run.answer).toContain(
    '- The email "The build is green" to ada@example.com was caught by the sandbox and not delivered.',
  );
  expect(proxy.invoked).toEqual(INVOCATIONS);
  expect(await mailAbout("the build is green")).toEqual([
    {
      messageId: expect.stringMatching(/^<inv_\w+@localhost>$/),
      from: "fanout@localhost",
      to: ["ada@example.com"],
      subject: "The build is green",
      text: "the build is green",
      deliveries: 1,
    },
  ]);
});

test("several emails of one turn are several writes, each delivered once, in the order of the words", async () => {
  proxy.arm(undefined, () => {});
  const names = ["ada", "bob", "eve"];
  const run = await ask(names.map((name) => `Email ${name}@example.com saying hello ${name}.`).join(" "));
  expect(run.toolCalls.map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
  const mails = (await mailbox()).filter(({ text }) => text.startsWith("hello"));
  expect(mails.map(({ to, deliveries }) => [to, deliveries])).toEqual(
    names.map((name) => [[`${name}@example.com`], 1]),
  );
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(3);
});

test("a mail server that refuses is a result in words, and nothing is delivered", async () => {
  proxy.arm(undefined, () => {});
  sandbox.faults.set("smtp", { latencyMs: 0, errorRate: 1 });
  const run = await ask("Email ada@example.com saying nobody gets this");
  sandbox.faults.set("smtp", { latencyMs: 0 });
  expect(run.toolCalls).toMatchObject([
    {
      status: "error",
      attempts: 3,
      error: "The mail server is not ready (status 451). Try again later.",
    },
  ]);
  expect(await mailAbout("nobody gets this")).toEqual([]);
});

const points = INVOCATIONS.flatMap((name, index) =>
  (["before", "after"] as const).map((when) => ({ name, invocation: index + 1, when })),
);

test.each(points)("every function dies $when invocation $invocation, of $name", async (point) => {
  const text = `killed ${point.when} invocation ${point.invocation}`;
  proxy.arm(point, killEnvironments);
  const run = await ask(`Email ada@example.com saying ${text}`);
  expect(run.toolCalls).toMatchObject([{ status: "ok" }]);
  // One mail, whatever happened. Where it was delivered twice, its Message-ID says that it is the same one.
  expect((await mailAbout(text)).map(({ deliveries }) => deliveries)).toEqual([
    diedWithUnrecordedEffect(point) ? 2 : 1,
  ]);
});

function killEnvironments(): void {
  for (const pid of lambda.pids()) process.kill(pid, "SIGKILL");
}

/** The one window of a durable step: the mail server took the mail, and the answer that tells Restate so is lost. */
function diedWithUnrecordedEffect({ invocation, when }: CrashPoint): boolean {
  return invocation === EFFECT && when === "after";
}
