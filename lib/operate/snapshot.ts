import { SCOPES } from "../call/index.ts";
import {
  type Deployment,
  type RegisteredService,
  readDeployments,
  readLimits,
  readScopeUse,
  readServices,
  readVersion,
  type ServerVersion,
} from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import { readRunsInFlight, readUse, type ServiceUse } from "./invocation-counts.ts";
import { type FunctionVersion, type LambdaFunction, readFunctions } from "./lambda-functions.ts";
import type { Service } from "./services.ts";

/** What Restate and Lambda say at one moment. */
export interface Snapshot {
  server: ServerVersion;
  /** Everything that is registered, including other projects'. */
  deployments: Deployment[];
  /** By name. */
  services: Map<string, RegisteredService>;
  /** How many invocations have not ended, by the id of the deployment that they need. */
  runsInFlight: Map<string, number>;
  /** By service. */
  use: Map<string, ServiceUse>;
  /** Restate's limits by scope; undefined if the server has no flow control. */
  limits: Map<string, number> | undefined;
  /** How many slots are taken, by scope. */
  slotsTaken: Map<string, number>;
  /** The services' existing functions, by name. */
  functions: Map<string, LambdaFunction>;
}

/** Reads everything about services. */
export async function readSnapshot(
  installation: Installation,
  services: readonly Service[],
): Promise<Snapshot> {
  const { admin, lambda } = installation;
  const server = await readVersion(admin);
  const [deployments, registered, runsInFlight, use, limits, slotsTaken, functions] = await Promise.all([
    readDeployments(admin),
    readServices(admin),
    readRunsInFlight(admin),
    readUse(admin),
    server.scopes ? readLimits(admin) : undefined,
    server.scopes ? readScopeUse(admin) : new Map<string, number>(),
    readFunctions(
      lambda,
      services.map(({ functionName }) => functionName),
    ),
  ]);
  return {
    server,
    deployments,
    services: new Map(registered.map((service) => [service.name, service])),
    runsInFlight,
    use,
    limits,
    slotsTaken,
    functions,
  };
}

/** The deployment that Restate sends a service's new calls to. */
export function liveDeployment(
  { services, deployments }: Pick<Snapshot, "services" | "deployments">,
  service: string,
): Deployment | undefined {
  const id = services.get(service)?.deploymentId;
  return deployments.find((deployment) => deployment.id === id);
}

/** The version of the service's function that Restate sends new calls to; undefined if it calls something else. */
export function liveVersion(
  snapshot: Snapshot,
  { name, functionName }: Pick<Service, "name" | "functionName">,
): FunctionVersion | undefined {
  const arn = liveDeployment(snapshot, name)?.arn;
  const found = snapshot.functions.get(functionName);
  return found?.versions.find(({ version }) => arn === `${found.arn}:${version}`);
}

/** The services whose functions ask Restate to limit their calls. Whether it does depends on the server. */
export function askingForLimits<T extends Service>(snapshot: Snapshot, services: readonly T[]): T[] {
  return services.filter((service) => liveVersion(snapshot, service)?.environment[SCOPES] === "on");
}
