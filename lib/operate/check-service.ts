import type { Deployment } from "../restate/index.ts";
import { type Finding, problem, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { type FunctionVersion, newest, splitArn } from "./lambda-functions.ts";
import type { Service } from "./services.ts";
import { liveDeployment, liveVersion, type Snapshot } from "./snapshot.ts";

/** What is wrong with one service: its registration, its visibility and its versions. */
export function checkService(
  { admin, redeploy }: Pick<Installation, "admin" | "redeploy">,
  service: Service,
  snapshot: Snapshot,
): Finding[] {
  const { name, kind, functionName } = service;
  const found = snapshot.functions.get(functionName);
  const registered = snapshot.services.get(name);
  const findings: Finding[] = [];
  if (!found) findings.push(problem(name, `Lambda has no function ${functionName}`, redeploy));
  if (!registered) return [...findings, problem(name, "it is not registered with Restate", redeploy)];
  if (registered.public !== (kind !== "tool")) findings.push(wrongVisibility(service, admin.url));
  if (!found) return findings;
  const live = liveVersion(snapshot, service);
  const last = newest(found);
  if (!live) {
    findings.push(problem(name, `Restate calls ${calledInstead(liveDeployment(snapshot, name))}`, redeploy));
  } else if (last && live !== last) {
    findings.push(
      warning(
        name,
        `Restate calls version ${live.version} of ${functionName}; the newest is ${last.version}`,
        `A deployment that was rolled back leaves it behind, until the next one that changes the function. If none was, its registration failed. ${redeploy}`,
      ),
    );
  }
  return [
    ...findings,
    ...(live ? warmForNobody(service, live, found.versions) : []),
    ...missingVersions(service, found.versions, snapshot),
  ];
}

function wrongVisibility({ name, kind }: Service, adminUrl: string): Finding {
  const change = (isPublic: boolean) =>
    `curl -X PATCH ${adminUrl}/services/${name} --json '{"public": ${isPublic}}'`;
  return kind === "tool"
    ? problem(name, "it is public: whoever reaches the ingress can call it past every agent", change(false))
    : problem(name, "it is private: nobody can call it through the ingress", change(true));
}

/** What a service's calls go to, if that is not a version of its function. */
function calledInstead(deployment: Deployment | undefined): string {
  if (deployment?.arn === undefined) return "something that is not on Lambda";
  const { functionName, version, region, account } = splitArn(deployment.arn);
  return `version ${version} of ${functionName} in ${region}, account ${account}, which does not exist here`;
}

/** Versions that runs in flight need and that Lambda no longer has. */
function missingVersions(
  { name }: Service,
  versions: readonly { version: string }[],
  { deployments, services, runsInFlight }: Snapshot,
): Finding[] {
  return deployments
    .filter(({ id, services: served }) => served.includes(name) && id !== services.get(name)?.deploymentId)
    .map(({ id, arn }) => ({ version: splitArn(arn ?? "").version, runs: runsInFlight.get(id) ?? 0 }))
    .filter(({ version, runs }) => runs > 0 && !versions.some((existing) => existing.version === version))
    .map(({ version, runs }) =>
      problem(
        name,
        `${runs} in flight on version ${version}, which Lambda no longer has`,
        "Continue with the newest code: npx fanout redrive --resume --on-latest",
      ),
    );
}

/** Versions that are kept warm, and billed, though no new calls go to them. */
function warmForNobody(
  { name }: Service,
  live: FunctionVersion,
  versions: readonly FunctionVersion[],
): Finding[] {
  return versions
    .filter((version) => version !== live && version.provisioned.requested > 0)
    .map(({ version, provisioned: { requested } }) =>
      warning(
        name,
        `${requested} of version ${version} are kept warm, and billed, though new calls go to version ${live.version}`,
        "Remove the version when its runs have ended: npx fanout prune",
      ),
    );
}
