import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";
import { readDeployments, registerLambda } from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import type { LambdaFunction } from "./lambda-functions.ts";
import type { Service } from "./services.ts";
import { liveDeployment, liveVersion, type Snapshot } from "./snapshot.ts";

/** An update takes a few seconds; with a VPC, up to a minute or two. */
const UPDATE_SECONDS = { minDelay: 1, maxDelay: 5, maxWaitTime: 180 };
/** A registration needs one free slot of the function; a busy function may have none for a while. */
const BUSY_MS = 60_000;
const BUSY_POLL_MS = 1_000;

/**
 * Publishes the live version's code with different memory as a new version, and has Restate send new calls there.
 * If Restate does not accept it, everything is put back.
 * @returns the new version.
 * @throws Error when the function's unpublished code is not the live version's.
 */
export async function replaceVersion(
  installation: Installation,
  snapshot: Snapshot,
  service: Service,
  memoryMb: number,
  onStep: (text: string) => void,
): Promise<string> {
  const live = liveVersion(snapshot, service);
  const found = snapshot.functions.get(service.functionName);
  if (!live || !found) throw new Error(`Restate calls no version of ${service.functionName}.`);
  if (found.latest.codeSha256 !== live.codeSha256) {
    throw new Error(
      `The code of ${found.name} has changed since version ${live.version}, which Restate calls. New memory would bring that code with it: deploy it first.`,
    );
  }
  const version = await publish(installation, found, memoryMb);
  onStep(`Published version ${version} of ${found.name} with ${memoryMb} MB.`);
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

async function publish({ lambda }: Installation, found: LambdaFunction, memoryMb: number): Promise<string> {
  const FunctionName = found.name;
  await configure({ lambda }, FunctionName, memoryMb, describe(found.description, memoryMb));
  const { Version } = await lambda.send(
    new PublishVersionCommand({ FunctionName, CodeSha256: found.latest.codeSha256 }),
  );
  if (Version === undefined) throw new Error(`Lambda published no version of ${FunctionName}.`);
  return Version;
}

async function configure(
  { lambda }: Pick<Installation, "lambda">,
  FunctionName: string,
  MemorySize: number,
  Description: string,
): Promise<void> {
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize, Description }));
  await waitUntilFunctionUpdated({ client: lambda, ...UPDATE_SECONDS }, { FunctionName });
}

const MARK = / \(\d+ MB by fanout scale\)$/;
/** Lambda's limit. */
const MAX_DESCRIPTION_LENGTH = 256;

/**
 * A deployment publishes a version too, and fails if that would equal the last one. So this version must differ from
 * anything that a contract produces.
 */
function describe(description: string, memoryMb: number): string {
  const mark = ` (${memoryMb} MB by fanout scale)`;
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
  await configure({ lambda }, found.name, found.latest.memoryMb, found.description);
}
