import { realpathSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../client/index.ts";
import { temporaryFolder } from "../lambda-host/index.ts";
import { type Platform, startPlatform } from "../local/index.ts";
import { readDeployments } from "../restate/index.ts";
import { planner, type StandIns, upstreamsOf } from "../sandbox/index.ts";
import { serverSettings } from "./modes.ts";
import type { TestPlatform, TestPlatformOptions } from "./platform.ts";
import { findProject, loadStandIns } from "./project.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { AT_ONCE } from "./start-stand-in.ts";

/** Starts a platform as `startPlatform` says. */
export async function start(options: TestPlatformOptions): Promise<TestPlatform> {
  const root = realpathSync(options.root ?? findProject(process.cwd()));
  const standIns = options.standIns ?? (await loadStandIns(root));
  const offline = planner(standIns, true);
  const model = new ScriptedModel(options.model ?? offline);
  const logs: string[] = [];
  const folder = temporaryFolder("fanout-testing-");
  let platform: Platform | undefined;
  const stop = once(async () => {
    await platform?.stop();
    folder.remove();
  });
  try {
    platform = await startPlatform({
      root,
      runDir: join(folder.path, "run"),
      dataDir: join(folder.path, "data"),
      logDir: folder.path,
      model: undefined,
      sandbox: { models: true, upstreams: true, model: model.reply },
      server: serverSettings(options.mode ?? "v7"),
      ports: "free",
      standIns,
      settings: () => options.env ?? {},
      faults: faultless(standIns),
      onStart: { notice() {}, begin: () => () => {} },
      onLog: (line) => logs.push(line),
      signal: new AbortController().signal,
    });
    refuseReplaced(options.env ?? {}, platform);
    return {
      ...asking(platform, model),
      ...(await counting(platform)),
      ...misbehaving(platform, standIns),
      use: (script) => model.use(script ?? offline),
      modelRequests: model.requests,
      logs,
      ingressUrl: platform.ingressUrl,
      adminUrl: platform.adminUrl,
      sandboxUrl: platform.sandboxUrl,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A test may stop what the end of its block stops again. */
function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

/** @throws TypeError for a value that would be given in vain. */
function refuseReplaced(env: object, { parts: { sandbox } }: Platform): void {
  const replaced = Object.keys(env).filter((name) => Object.hasOwn(sandbox.environment.upstreams, name));
  if (replaced.length > 0)
    throw new TypeError(
      `${replaced.join(" and ")}: a stand-in has a value for it. Expected no other in env, or standIns without that one.`,
    );
}

const faultless = (standIns: StandIns) =>
  Object.fromEntries(upstreamsOf(standIns).map(({ name }) => [name, AT_ONCE]));

function asking(
  { ingressUrl: url, adminUrl, failed }: Platform,
  model: ScriptedModel,
): Pick<TestPlatform, "ask" | "client"> {
  const client = connect({ url, adminUrl });
  const serverEnds = failed.then((error) => Promise.reject(error));
  serverEnds.catch(() => {});
  return {
    client,
    ask: (agent, message, options) =>
      model.through(message, () => Promise.race([client.agent(agent).run(message, options), serverEnds])),
  };
}

type Counting = Pick<TestPlatform, "invocations" | "resetInvocations" | "killFunctions">;

/** What is done with functions, which are called as their services are. */
async function counting({ adminUrl: url, parts: { lambda } }: Platform): Promise<Counting> {
  const functions = new Map(Object.keys(lambda.stats().functions).map((name) => [name, name]));
  for (const { arn, services } of await readDeployments({ url }))
    for (const service of services) functions.set(service, arn?.split(":").at(-2) ?? service);
  const find = (name: string) => {
    const found = functions.get(name);
    if (found !== undefined) return found;
    throw new TypeError(`There is no function "${name}". Functions: ${[...functions.keys()].join(", ")}.`);
  };
  return {
    invocations: (name) => lambda.stats().functions[find(name)]?.invocations ?? 0,
    resetInvocations: () => lambda.resetStats(),
    killFunctions(name) {
      const pids = name === undefined ? lambda.pids() : lambda.busy(find(name));
      for (const pid of pids) process.kill(pid, "SIGKILL");
    },
  };
}

type Misbehaving = Pick<TestPlatform, "fail" | "recover" | "requests" | "crashServer">;

function misbehaving({ parts: { sandbox, restate } }: Platform, standIns: StandIns): Misbehaving {
  const set = (faults: object) => {
    for (const [name, fault] of Object.entries(faults)) sandbox.faults.set(name, { ...AT_ONCE, ...fault });
  };
  return {
    fail: set,
    recover: () => set(faultless(standIns)),
    requests: () => sandbox.requests(),
    crashServer: (whileAway) => restate.crash(whileAway),
  };
}
