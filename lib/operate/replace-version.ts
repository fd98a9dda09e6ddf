import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";
import { SWITCHED_OFF } from "../call/index.ts";
import { readDeployments, registerLambda } from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import type { LambdaFunction } from "./lambda-functions.ts";
import type { Service } from "./services.ts";
import { liveDeployment, liveVersion, type Snapshot } from "./snapshot.ts";

/** What a new version may have differently. */
interface Settings {
  memoryMb: number;
  switchedOff: boolean;
}

/** What of a function's configuration changes. */
type Configuration = Pick<
  UpdateFunctionConfigurationCommandInput,
  "MemorySize" | "Environment" | "Description"
>;

const inWords = ({ memoryMb, switchedOff }: Settings) =>
  `with ${memoryMb} MB${switchedOff ? ", switched off" : ""}`;

/** An update takes a few seconds; with a VPC, up to a minute or two. */
const UPDATE_SECONDS = { minDelay: 1, maxDelay: 5, maxWaitTime: 180 };
/** A registration needs one free slot of the function; a busy function may have none for a while. */
const BUSY_MS = 60_000;
const BUSY_POLL_MS = 1_000;

/**
 * Publishes the live version's code with other settings as a new version, and has Restate send new calls there.
 * If Restate does not accept it, everything is put back.
 * @returns the new version.
 * @throws Error when the function's unpublished code is not the live version's.
 */
export async function replaceVersion(
  installation: Installation,
  snapshot: Snapshot,
  service: Service,
  settings: Settings,
  onStep: (text: string) => void,
): Promise<string> {
  const live = liveVersion(snapshot, service);
  const found = snapshot.functions.get(service.functionName);
  if (!live || !found) throw new Error(`Restate calls no version of ${service.functionName}.`);
  if (found.latest.codeSha256 !== live.codeSha256) {
    throw new Error(
      `The code of ${found.name} has changed since version ${live.version}, which Restate calls. A new version would bring that code with it: deploy it first.`,
    );
  }
  const version = await publish(installation, found, settings);
  onStep(`Published version ${version} of ${found.name} ${inWords(settings)}.`);
  const { assumeRoleArn } = liveDeployment(snapshot, service.name) ?? {};
  const isPrivate = snapshot.services.get(service.name)?.public !== true;
  const arn = `${found.arn}:${version}`;
  try {
    await registerWhenFree(installation, service, arn, { private: isPrivate, assumeRoleArn });
  } catch (error) {
    await takeBack(installation, found, version);
    throw error;
  }
  onStep(`Restate sends new calls to version ${version}; runs in flight end on version ${live.version}.`);
  return version;
}

async function publish({ lambda }: Installation, found: LambdaFunction, settings: Settings): Promise<string> {
  const FunctionName = found.name;
  await configure({ lambda }, FunctionName, {
    MemorySize: settings.memoryMb,
    Description: describe(found.description, settings),
    ...environmentWith(settings, found),
  });
  const { Version } = await lambda.send(
    new PublishVersionCommand({ FunctionName, CodeSha256: found.latest.codeSha256 }),
  );
  if (Version === undefined) throw new Error(`Lambda published no version of ${FunctionName}.`);
  return Version;
}

/** Nothing where it stays as it is. @throws Error when Lambda does not show it, because it is replaced as a whole. */
function environmentWith(
  { switchedOff }: Settings,
  { name, latest: { environment, environmentHidden } }: LambdaFunction,
): Configuration {
  const { [SWITCHED_OFF]: is, ...others } = environment;
  if (switchedOff === (is === "on")) return {};
  if (environmentHidden !== undefined)
    throw new Error(`The environment variables of ${name} cannot be read: ${environmentHidden}`);
  return { Environment: { Variables: { ...others, ...(switchedOff && { [SWITCHED_OFF]: "on" }) } } };
}

async function configure(
  { lambda }: Pick<Installation, "lambda">,
  FunctionName: string,
  configuration: Configuration,
): Promise<void> {
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...configuration }));
  await waitUntilFunctionUpdated({ client: lambda, ...UPDATE_SECONDS }, { FunctionName });
}

const MARK = / \([\w ,]+ by fanout scale\)$/;
/** Lambda's limit. */
const MAX_DESCRIPTION_LENGTH = 256;

/**
 * A deployment publishes a version too, and fails if that would equal the last one. So this version must differ from
 * anything that a contract produces.
 */
function describe(description: string, settings: Settings): string {
  const mark = ` (${inWords(settings)} by fanout scale)`;
  return description.replace(MARK, "").slice(0, MAX_DESCRIPTION_LENGTH - mark.length) + mark;
}

/** Restate asks a function what it serves by invoking it, which Lambda refuses while all its slots are taken. */
async function registerWhenFree(
  { admin }: Installation,
  { name }: Service,
  arn: string,
  options: { private: boolean; assumeRoleArn: string | undefined },
): Promise<void> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      await registerLambda(admin, arn, options);
      return;
    } catch (error) {
      if (!String(error).includes("TooManyRequestsException")) throw error;
      if (performance.now() > deadline) {
        throw new Error(
          `All slots of ${name} were taken for ${BUSY_MS / 1000} s, so Restate could not ask its new version what it serves. Nothing has changed. Try again when it is less busy, or with a higher --max-concurrency.`,
          { cause: error },
        );
      }
      await sleep(BUSY_POLL_MS);
    }
  }
}

/** Removes a version that Restate did not take. One that it took all the same must stay. */
async function takeBack(
  { admin, lambda }: Installation,
  found: LambdaFunction,
  version: string,
): Promise<void> {
  const deployments = await readDeployments(admin);
  if (deployments.some(({ arn }) => arn === `${found.arn}:${version}`)) return;
  await lambda.send(new DeleteFunctionCommand({ FunctionName: found.name, Qualifier: version }));
  await configure({ lambda }, found.name, {
    MemorySize: found.latest.memoryMb,
    Environment: { Variables: { ...found.latest.environment } },
    Description: found.description,
  });
}
