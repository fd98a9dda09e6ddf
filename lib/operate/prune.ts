import { DeleteFunctionCommand, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { readServices, removeDeployment } from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import { readRunsInFlight } from "./invocation-counts.ts";
import { type LambdaFunction, newest, readFunctions, splitArn } from "./lambda-functions.ts";
import type { Service } from "./services.ts";
import { setProvisioned } from "./set-provisioned.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";

/** A version of a function, a deployment in Restate, or usually both: the version is registered as the deployment. */
export interface Candidate {
  functionName: string;
  version: string;
  /** Whether Lambda has this version. */
  exists: boolean;
  /** Undefined if it is not registered. */
  deploymentId: string | undefined;
  /** Environments that Lambda keeps warm for it, and bills. */
  provisioned: number;
  verdict: "keep" | "remove";
  /** Why, in plain words. */
  reason: string;
}

/**
 * Decides which versions and deployments of an installation are no longer needed.
 * @param services all that are declared; other functions with the installation's name belonged to services that no longer are.
 * @param keep how many old versions per function stay anyway. Default 0.
 */
export async function planPruning(
  installation: Installation,
  services: readonly Service[],
  { keep = 0 }: { keep?: number } = {},
): Promise<Candidate[]> {
  const snapshot = await readSnapshot(installation, services);
  const known = new Set(services.map(({ functionName }) => functionName));
  // Services that are no longer declared have old versions too.
  const retired = snapshot.deployments
    .map(({ arn }) => splitArn(arn ?? "").functionName)
    .filter((name) => name.startsWith(`${installation.name}-`) && !known.has(name));
  const functions = [
    ...snapshot.functions.values(),
    ...(await readFunctions(installation.lambda, new Set(retired))).values(),
  ];
  return functions.flatMap((found) => candidates(found, snapshot, keep));
}

/** Every version and deployment of one function, oldest first, each with its verdict. */
export function candidates(
  found: LambdaFunction,
  snapshot: Pick<Snapshot, "deployments" | "services" | "runsInFlight">,
  keep: number,
): Candidate[] {
  const registered = new Map(
    snapshot.deployments
      .filter(({ arn }) => arn !== undefined && splitArn(arn).functionArn === found.arn)
      .map(({ arn = "", id }) => [splitArn(arn).version, id]),
  );
  const provisioned = new Map(
    found.versions.map(({ version, provisioned }) => [version, provisioned.requested]),
  );
  const versions = [...new Set([...provisioned.keys(), ...registered.keys()])];
  const judged = versions
    .sort((a, b) => Number(a) - Number(b))
    .map((version) => {
      const deploymentId = registered.get(version);
      const exists = provisioned.has(version);
      const needed = whyNeeded(found, version, deploymentId, snapshot);
      return { version, deploymentId, exists, needed };
    });
  const unneeded = judged.filter(({ needed }) => needed === undefined).map(({ version }) => version);
  const kept = new Set(keep === 0 ? [] : unneeded.slice(-keep));
  return judged.map(({ version, deploymentId, exists, needed }) => {
    const why = needed ?? (kept.has(version) ? `one of the last ${keep} old versions` : undefined);
    return {
      functionName: found.name,
      version,
      exists,
      deploymentId,
      provisioned: provisioned.get(version) ?? 0,
      verdict: why === undefined ? "remove" : "keep",
      reason: why ?? (deploymentId === undefined ? "not registered with Restate" : "no run needs it"),
    };
  });
}

function whyNeeded(
  found: LambdaFunction,
  version: string,
  deploymentId: string | undefined,
  { services, runsInFlight }: Pick<Snapshot, "services" | "runsInFlight">,
): string | undefined {
  const needs = deploymentId && whyDeploymentNeeded(deploymentId, services.values(), runsInFlight);
  if (needs) return needs;
  return newest(found)?.version === version ? "the newest version" : undefined;
}

function whyDeploymentNeeded(
  id: string,
  services: Iterable<{ deploymentId: string }>,
  runsInFlight: ReadonlyMap<string, number>,
): string | undefined {
  const runs = runsInFlight.get(id) ?? 0;
  const inFlight = `${runs} ${runs === 1 ? "run" : "runs"} in flight`;
  if ([...services].some(({ deploymentId }) => deploymentId === id)) return "new calls go there";
  return runs > 0 ? inFlight : undefined;
}

/**
 * Removes one candidate: the deployment, then what Lambda keeps warm, then the version.
 * @returns why it was kept, if something needs it by now.
 */
export async function removeCandidate(
  { admin, lambda }: Installation,
  { functionName: FunctionName, version: Qualifier, deploymentId, exists, provisioned }: Candidate,
): Promise<string | undefined> {
  if (deploymentId !== undefined) {
    const [services, runs] = await Promise.all([readServices(admin), readRunsInFlight(admin, deploymentId)]);
    const needed = whyDeploymentNeeded(deploymentId, services, runs);
    if (needed !== undefined) return needed;
    await removeDeployment(admin, deploymentId);
  }
  if (!exists) return undefined;
  try {
    if (provisioned > 0) await setProvisioned(lambda, { FunctionName, Qualifier }, 0);
    await lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return undefined;
}
