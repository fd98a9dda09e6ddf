import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { limitScopes, unlimitScope } from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import { replaceVersion } from "./replace-version.ts";
import type { Service } from "./services.ts";
import { setProvisioned } from "./set-provisioned.ts";
import { liveVersion, readSnapshot, type Snapshot } from "./snapshot.ts";
import { type ServiceStatus, statusOf } from "./status.ts";

/** What is to be different about a service, within the contract's bounds. What is undefined stays as it is. */
export interface Change {
  /** 0 switches the service off: its calls are refused, and nothing limits them any longer. Another value switches it on. */
  maxConcurrency?: number | "none" | undefined;
  provisioned?: number | undefined;
  memoryMb?: number | undefined;
}

/**
 * Changes how one service runs, now. New memory, or to switch it off or on, is a new version of the function, because a version never changes and
 * Restate pins runs to versions; runs in flight end on the version that they began on.
 * @param onStep called with each step in a person's words.
 * @returns how the service ran before, and how it runs now.
 * @throws Error in a person's words when it cannot be done. Steps that were said to be done stay done.
 */
export async function scale(
  installation: Installation,
  service: Service,
  change: Change,
  onStep: (text: string) => void,
): Promise<{ before: ServiceStatus; after: ServiceStatus }> {
  const snapshot = await readSnapshot(installation, [service]);
  const before = oneStatus(snapshot, service);
  checkPossible(before, change);
  const { lambda } = installation;
  const { functionName } = service;
  const switchedOff = change.maxConcurrency === undefined ? before.switchedOff : change.maxConcurrency === 0;
  const provisioned = switchedOff ? 0 : (change.provisioned ?? before.provisioned?.requested ?? 0);
  const memoryMb = change.memoryMb ?? before.memoryMb ?? 0;
  const replaces = memoryMb !== before.memoryMb || switchedOff !== before.switchedOff;
  let { version = "", provisioned: { requested } = { requested: 0 } } = liveVersion(snapshot, service) ?? {};

  const provision = async (count: number) => {
    if (count === requested) return;
    await setProvisioned(lambda, { FunctionName: functionName, Qualifier: version }, count);
    requested = count;
    onStep(`Lambda keeps ${count === 0 ? "none" : count} of version ${version} warm.`);
  };
  // Lambda refuses more provisioned than reserved concurrency, so less comes first and more comes last.
  if (provisioned < requested) await provision(replaces ? 0 : provisioned);
  const limit = async () => {
    if (change.maxConcurrency !== undefined)
      await setMaxConcurrency(installation, snapshot, before, change, onStep);
  };
  // The limit holds until nothing needs it any longer.
  if (!switchedOff) await limit();
  if (replaces) {
    const newVersion = await replaceVersion(
      installation,
      snapshot,
      service,
      { memoryMb, switchedOff },
      onStep,
    );
    await provision(0);
    version = newVersion;
  }
  if (switchedOff) await limit();
  await provision(provisioned);
  return { before, after: oneStatus(await readSnapshot(installation, [service]), service) };
}

function oneStatus(snapshot: Snapshot, service: Service): ServiceStatus {
  return statusOf(snapshot, [service])[0] as ServiceStatus;
}

function checkPossible(status: ServiceStatus, change: Change): void {
  const { name, liveVersion, reserved } = status;
  if (liveVersion === undefined) {
    throw new Error(
      `Restate sends calls of ${name} to no version of ${status.functionName}. Deploy it first; fanout doctor says more.`,
    );
  }
  const maxConcurrency = change.maxConcurrency ?? reserved ?? "none";
  const provisioned = change.provisioned ?? status.provisioned?.requested ?? 0;
  const switchedOff = change.maxConcurrency === undefined ? status.switchedOff : maxConcurrency === 0;
  if (switchedOff && change.provisioned) {
    throw new Error(
      `${name} is switched off, and needs nothing warm: add --max-concurrency with its limit, or none.`,
    );
  }
  if (maxConcurrency !== "none" && maxConcurrency !== 0 && provisioned > maxConcurrency) {
    throw new Error(
      `${name} cannot have ${provisioned} environments warm and run ${maxConcurrency} calls at once: add --provisioned ${maxConcurrency} or less, or a higher --max-concurrency.`,
    );
  }
}

/** The lower limit is Restate's at every moment, so that calls wait there, and Lambda throttles none. */
async function setMaxConcurrency(
  { admin, lambda }: Installation,
  { limits }: Snapshot,
  { name, functionName: FunctionName, reserved }: ServiceStatus,
  { maxConcurrency }: Change,
  onStep: (text: string) => void,
): Promise<void> {
  const to = maxConcurrency === "none" ? undefined : maxConcurrency || undefined;
  const atRestate = async () => {
    if (limits === undefined) return;
    await (to === undefined ? unlimitScope(admin, name) : limitScopes(admin, new Map([[name, to]])));
    onStep(`Restate's limit on ${name} is ${to ?? "none"}.`);
  };
  const atLambda = async () => {
    await (to === undefined
      ? lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
      : lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: to })));
    onStep(`Lambda's reserved concurrency of ${FunctionName} is ${to ?? "none"}.`);
  };
  const lowers = (to ?? Number.POSITIVE_INFINITY) < (reserved ?? Number.POSITIVE_INFINITY);
  for (const set of lowers ? [atRestate, atLambda] : [atLambda, atRestate]) await set();
}
