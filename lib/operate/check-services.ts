import { agentOf, isConversation } from "../agent/index.ts";
import { SCOPES } from "../call/index.ts";
import { checkService } from "./check-service.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { splitArn } from "./lambda-functions.ts";
import { namesOf, type Service } from "./services.ts";
import { askingForLimits, liveDeployment, liveVersion, type Snapshot } from "./snapshot.ts";
import { statusOf } from "./status.ts";

/** What is wrong with the services, according to Restate and Lambda. If nothing is, one finding says so. */
export function checkServices(
  installation: Pick<Installation, "name" | "admin" | "redeploy">,
  services: readonly Service[],
  snapshot: Snapshot,
): Finding[] {
  const found = [
    ...services.flatMap((service) => checkService(installation, service, snapshot)),
    ...unknownServices(installation, services, snapshot),
    ...differencesOf(services, snapshot),
    ...scopesVariable(installation, services, snapshot),
  ];
  if (found.length > 0) return found;
  return [
    ok("services", `all ${services.length} are registered with their newest version and run as declared`),
  ];
}

/** Services that this installation's functions serve and that the project does not have. */
function unknownServices(
  { name: installation, admin }: Pick<Installation, "name" | "admin">,
  services: readonly Service[],
  snapshot: Snapshot,
): Finding[] {
  const known = new Set(services.flatMap(namesOf));
  // An agent's function has its conversations, too.
  const isPartOfOther = (name: string) => isConversation(name) && snapshot.services.has(agentOf(name));
  return [...snapshot.services.keys()]
    .filter((name) => !known.has(name) && !isPartOfOther(name))
    .flatMap((name) => {
      const { functionName } = splitArn(liveDeployment(snapshot, name)?.arn ?? "");
      if (!functionName.startsWith(`${installation}-`)) return [];
      const text = `it is registered, served by ${functionName}, and not in the project`;
      return [warning(name, text, removal(admin.url, functionName, snapshot))];
    });
}

/** How to remove every version of a function from Restate; one that is left would be called. */
function removal(adminUrl: string, functionName: string, { deployments }: Snapshot): string {
  const requests = deployments
    .filter(({ arn = "" }) => splitArn(arn).functionName === functionName)
    .map(({ id }) => `curl -X DELETE '${adminUrl}/deployments/${id}?force=true'`);
  return `The deployment that removed it could not unregister it. If no run needs it: ${requests.join(" && ")}`;
}

function differencesOf(services: readonly Service[], snapshot: Snapshot): Finding[] {
  return statusOf(snapshot, services)
    .filter(({ liveVersion }) => liveVersion !== undefined)
    .flatMap(({ name, differences }) =>
      differences.map(({ text }) => warning(name, text, "Declare it so, or set it back: npx fanout scale")),
    );
}

/** Calls of functions that ask for limits from a server that has none are tried for ever. */
function scopesVariable(
  { redeploy }: Pick<Installation, "redeploy">,
  services: readonly Service[],
  snapshot: Snapshot,
): Finding[] {
  const asking = askingForLimits(snapshot, services);
  const { scopes } = snapshot.server;
  if (asking.length > 0 && !scopes) {
    return [
      problem(
        SCOPES,
        `it is on in ${names(asking)}, and the server has no flow control: their calls are tried for ever`,
        redeploy,
      ),
    ];
  }
  const limited = services.some(({ declared }) => declared.maxConcurrency !== undefined);
  const silent = services.filter((service) => liveVersion(snapshot, service)?.environment[SCOPES] === "off");
  if (!scopes || !limited || silent.length === 0) return [];
  return [
    warning(
      SCOPES,
      `it is off in ${names(silent)}, though the server could keep the limits of their calls`,
      redeploy,
    ),
  ];
}

const names = (services: readonly Service[]) => services.map(({ name }) => name).join(", ");
