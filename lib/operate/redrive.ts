import {
  cancelInvocation,
  killInvocation,
  readDeployments,
  readStuck,
  resumeInvocation,
  type StuckRun,
} from "../restate/index.ts";
import { cleanMessage } from "../runtime/index.ts";
import type { Installation } from "./installation.ts";
import { splitArn } from "./lambda-functions.ts";
import type { Service } from "./services.ts";

/**
 * Lists the installation's invocations that are paused, or that fail again and again. The oldest come first.
 * @param declared the services that are declared; those that were declared at an earlier registration count too.
 */
export async function readStuckRuns(
  installation: Installation,
  declared: readonly Service[],
): Promise<StuckRun[]> {
  const services = [
    ...new Set([...declared.map(({ name }) => name), ...(await registeredHere(installation))]),
  ];
  const stuck = await readStuck(installation.admin, services);
  // In one line that reveals nothing about the installation.
  return stuck.map((run) => ({ ...run, reason: cleanMessage(run.reason) }));
}

/** The names of the services that the installation's functions serve, or served. */
async function registeredHere({ admin, name }: Installation): Promise<string[]> {
  const deployments = await readDeployments(admin);
  return deployments
    .filter(({ arn }) => splitArn(arn ?? "").functionName.startsWith(`${name}-`))
    .flatMap(({ services }) => services);
}

/** What to do with stuck runs. */
export type Remedy = { kind: "resume"; onLatest: boolean } | { kind: "cancel" } | { kind: "kill" };

/**
 * Resumes, cancels or kills one run.
 * @throws Error in plain words when there is no such run, or it has ended or cannot be resumed.
 */
export async function redrive({ admin }: Installation, id: string, remedy: Remedy): Promise<void> {
  switch (remedy.kind) {
    case "resume":
      return resumeInvocation(admin, id, remedy);
    case "cancel":
      return cancelInvocation(admin, id);
    case "kill":
      return killInvocation(admin, id);
  }
}
