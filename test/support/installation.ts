import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Roster } from "../../lib/deployment/index.ts";
import { TOPIC } from "../../lib/events/index.ts";
import { type LambdaHost, type Spec, startLambdaHost } from "../../lib/lambda-host/index.ts";
import { startRestateServer } from "../../lib/local/index.ts";
import { findInstallation, type Installation, type Service, servicesOf } from "../../lib/operate/index.ts";
import { request } from "../../lib/restate/admin.ts";
import { limitScopes, registerLambda } from "../../lib/restate/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import gateTool from "./functions/gate/tool.ts";
import narrow from "./functions/narrow/tool.ts";
import structured from "./functions/structured/agent.ts";
import stuck from "./functions/stuck/tool.ts";
import { type Gate, startGate } from "./gate.ts";

/** The folders of the bundles, by service. */
const FOLDERS = { gate: "gate", narrow: "narrow", stuck: "stuck", StructuredAgent: "structured" };

/** A small Fanout that runs as its contracts say: the real restate-server, and real bundles in the Lambda host. */
export interface TestInstallation extends Installation {
  roster: Roster;
  services: readonly Service[];
  host: LambdaHost;
  gate: Gate;
  /** Publishes another version of a service's function, and registers it unless told not to. @returns the version. */
  deploy(service: string, options?: { registered?: boolean; spec?: Partial<Spec> }): Promise<string>;
  /**
   * Calls a service, in the scope of its name if `scoped`. One call at a time: a private service is made public for it.
   * @returns the invocation's id.
   */
  send(service: string, id: string, options?: { scoped?: boolean }): Promise<string>;
  /** Waits for an invocation. @returns its output, or the message of its failure. */
  outcome(invocationId: string): Promise<unknown>;
  setPublic(service: string, isPublic: boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startInstallation({ protocolV7 = true } = {}): Promise<TestInstallation> {
  const directory = mkdtempSync(join(tmpdir(), "fanout-operate-test-"));
  const entries = Object.entries(FOLDERS).map(([service, folder]) => [
    service,
    join(import.meta.dirname, "functions", folder, "handler.ts"),
  ]);
  const topic = join(import.meta.dirname, "../../lib/stack/run-events/handler.ts");
  bundleFunctions({ ...Object.fromEntries(entries), [TOPIC]: topic }, directory);
  const gate = await startGate();
  const host = await startLambdaHost({ functions: [] });
  const restate = await startRestateServer({
    dataDir: join(directory, "restate"),
    lambdaUrl: host.url,
    protocolV7,
  });
  const local = { adminUrl: restate.adminUrl, ingressUrl: restate.ingressUrl, lambdaUrl: host.url };
  const installation = findInstallation({}, local);
  const { admin, ingressUrl } = installation;
  const roster = { tools: [gateTool, narrow, stuck], agents: [structured] };
  const services = servicesOf(roster, installation);

  const environment = { GATE_URL: gate.url, RESTATE_SCOPES: protocolV7 ? "on" : "off" };
  const specOf = ({ name, functionName, declared }: Service): Spec => ({
    name: functionName,
    codeDir: join(directory, name),
    handler: BUNDLE_HANDLER,
    memoryMb: declared.memoryMb,
    timeoutSeconds: 60,
    environment: { OPENAI_API_KEY: "", ...environment },
    ...(declared.maxConcurrency !== undefined && { reservedConcurrency: declared.maxConcurrency }),
  });
  const find = (name: string) => services.find((service) => service.name === name) as Service;
  const test: TestInstallation = {
    ...installation,
    roster,
    services,
    host,
    gate,
    async deploy(name, { registered = true, spec = {} } = {}) {
      const service = find(name);
      const version = host.publish({ ...specOf(service), ...spec });
      const arn = host.arn(service.functionName, version);
      if (registered) await registerLambda(admin, arn, { private: service.kind === "tool" });
      return version;
    },
    async send(name, id, { scoped = false } = {}) {
      const isPrivate = find(name).kind === "tool";
      if (isPrivate) await test.setPublic(name, true);
      const path = `${scoped ? `/restate/scope/${name}` : "/restate"}/send/${name}/run`;
      const response = await fetch(`${ingressUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ id }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
      if (isPrivate) await test.setPublic(name, false);
      return JSON.parse(text).invocationId;
    },
    async outcome(invocationId) {
      const response = await fetch(`${ingressUrl}/restate/attach/${invocationId}`);
      const body = (await response.json()) as { message?: string; output?: unknown };
      return response.ok ? (body.output ?? body) : body.message;
    },
    async setPublic(name, isPublic) {
      const path = `/services/${name}`;
      await request(admin, { what: "Changing a service", path, method: "PATCH", body: { public: isPublic } });
    },
    async stop() {
      await restate.stop();
      await Promise.all([host.stop(), gate.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  for (const { name } of services) await test.deploy(name);
  if (protocolV7) await limitScopes(admin, new Map([[narrow.name, narrow.scaling.maxConcurrency as number]]));
  return test;
}
