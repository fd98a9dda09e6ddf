import type { LambdaHost } from "../lambda-host/index.ts";
import {
  type Admin,
  type Deployment,
  readDeployments,
  readServices,
  readTakenOver,
  readUnfinished,
  removeDeployment,
} from "../restate/index.ts";
import { parseLambdaReference } from "../tool/index.ts";
import type { App } from "./app.ts";
import type { Fingerprints } from "./fingerprints.ts";

/** A run that an earlier platform left. */
interface Run {
  id: string;
  service: string;
}

/** What became of the runs that an earlier platform left. */
export interface RunsInFlight {
  goOn: Run[];
  /** Runs and calls whose version of a function no longer exists, with the version's ARN if that is known. */
  stuck: (Run & { version: string | undefined })[];
}

interface Kept {
  admin: Admin;
  lambda: Pick<LambdaHost, "versions" | "remove">;
  app: App;
}

/** Forgets what is no longer in use, because a person or a program has removed it from Restate or from the host. */
export async function checkDeployed({ admin, lambda, app }: Kept, fingerprints: Fingerprints): Promise<void> {
  const [deployments, services] = await Promise.all([readDeployments(admin), readServices(admin)]);
  const live = new Set(services.map(({ deploymentId }) => deploymentId));
  const there = lambda.versions();
  const served = new Set(
    deployments
      .filter(({ id, arn = "" }) => live.has(id) && there.includes(arn))
      .map(({ arn }) => functionOf(arn)),
  );
  const isService = new Set(app.registrations.map(({ functionName }) => functionName));
  const exists = new Set(there.map(functionOf));
  fingerprints.keepOnly((name) => (isService.has(name) ? served.has(name) : exists.has(name)));
}

/**
 * Takes up the runs that an earlier platform left, and removes versions that neither they nor new runs need. A function
 * that the app no longer has stays until no run is left, since any run may call it.
 * @param startedAt when this platform's restate-server was started. Some of the runs may have ended since.
 */
export async function takeUpRuns({ admin, lambda, app }: Kept, startedAt: Date): Promise<RunsInFlight> {
  const [deployments, services] = await Promise.all([readDeployments(admin), readServices(admin)]);
  // After the others, so that a run that began meanwhile is seen.
  const unfinished = await readUnfinished(admin);
  const there = new Set(lambda.versions());
  const pinned = new Set(unfinished.map(({ deploymentId }) => deploymentId));
  const live = new Set(services.map(({ deploymentId }) => deploymentId));
  const inApp = new Set(app.functions.map(({ name }) => name));
  const mayBeCalled = (arn?: string) => unfinished.length > 0 || inApp.has(functionOf(arn));
  const isNeeded = ({ id, arn }: Deployment) => pinned.has(id) || (live.has(id) && mayBeCalled(arn));
  for (const { id } of deployments.filter((one) => !isNeeded(one))) await removeDeployment(admin, id);
  const served = new Set(deployments.filter(isNeeded).map(({ arn }) => arn));
  const plain = new Set(newestOf([...there], deployments).filter(mayBeCalled));
  lambda.remove(new Set([...there].filter((arn) => !served.has(arn) && !plain.has(arn))));

  const arns = new Map(deployments.map(({ id, arn }) => [id, arn]));
  const stuck = unfinished.filter(
    ({ deploymentId }) => deploymentId !== undefined && !there.has(arns.get(deploymentId) ?? ""),
  );
  const stuckIds = new Set(stuck.map(({ id }) => id));
  return {
    goOn: (await readTakenOver(admin, startedAt)).filter(({ id }) => !stuckIds.has(id)),
    stuck: stuck.map(({ id, service, deploymentId = "" }) => ({
      id,
      service,
      version: arns.get(deploymentId),
    })),
  };
}

/** The newest version of each function that is not a service. */
function newestOf(there: readonly string[], deployments: readonly Deployment[]): string[] {
  const services = new Set(deployments.map(({ arn }) => functionOf(arn)));
  const newest = new Map(there.map((arn) => [functionOf(arn), arn]));
  return [...newest].filter(([name]) => !services.has(name)).map(([, arn]) => arn);
}

const functionOf = (arn = "") => parseLambdaReference(arn)?.name ?? "";
