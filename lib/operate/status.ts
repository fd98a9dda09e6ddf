import { SWITCHED_OFF } from "../call/index.ts";
import type { ServerVersion } from "../restate/index.ts";
import type { Installation } from "./installation.ts";
import type { ServiceUse } from "./invocation-counts.ts";
import { type Provisioned, splitArn } from "./lambda-functions.ts";
import { namesOf, type Service } from "./services.ts";
import { askingForLimits, liveDeployment, liveVersion, readSnapshot, type Snapshot } from "./snapshot.ts";

/** What runs, and how. */
export interface Status {
  server: ServerVersion;
  services: ServiceStatus[];
}

/** A service as it runs now. An undefined field means that it does not exist, or is not limited. */
export interface ServiceStatus extends Service {
  /** The version that Restate sends new calls to. */
  liveVersion: string | undefined;
  /** The other versions that runs in flight need, and how many runs that is. */
  otherVersions: { version: string; runs: number }[];
  running: number;
  /** Invocations that wait for a slot, or for their next attempt. */
  waiting: number;
  /** How many slots of Restate's limit are taken, if the server has limits. */
  slotsTaken: number | undefined;
  /** Lambda's reserved concurrency. */
  reserved: number | undefined;
  /** Restate's limit on the scope of the service's name. */
  limit: number | undefined;
  /** Of the live version, like `memoryMb`. */
  provisioned: Provisioned | undefined;
  /** Whether the live version refuses its calls. */
  switchedOff: boolean;
  memoryMb: number | undefined;
  /** How the service differs from what is declared. */
  differences: Difference[];
}

export interface Difference {
  setting: "registered" | "switchedOff" | "reserved" | "limit" | "provisioned" | "memoryMb";
  /** In words, such as `Lambda's reserved concurrency is 5; declared is 3`. */
  text: string;
}

/** Reads how services run. */
export async function readStatus(installation: Installation, services: readonly Service[]): Promise<Status> {
  const snapshot = await readSnapshot(installation, services);
  return { server: snapshot.server, services: statusOf(snapshot, services) };
}

/** How every service runs, according to Restate and Lambda. */
export function statusOf(snapshot: Snapshot, services: readonly Service[]): ServiceStatus[] {
  const limitsWanted = askingForLimits(snapshot, services).length > 0;
  return services.map((service) => {
    const live = liveVersion(snapshot, service);
    const count = (of: keyof ServiceUse) =>
      namesOf(service).reduce((sum, name) => sum + (snapshot.use.get(name)?.[of] ?? 0), 0);
    const status = {
      ...service,
      liveVersion: live?.version,
      otherVersions: otherVersions(snapshot, service),
      running: count("running"),
      waiting: count("waiting"),
      slotsTaken: snapshot.limits && (snapshot.slotsTaken.get(service.name) ?? 0),
      reserved: snapshot.functions.get(service.functionName)?.reserved,
      limit: snapshot.limits?.get(service.name),
      provisioned: live?.provisioned,
      memoryMb: live?.memoryMb,
      switchedOff: live?.environment[SWITCHED_OFF] === "on",
    };
    return { ...status, differences: differences(status, limitsWanted) };
  });
}

function otherVersions(snapshot: Snapshot, { name }: Service): ServiceStatus["otherVersions"] {
  const live = liveDeployment(snapshot, name);
  return snapshot.deployments
    .filter(({ id, services }) => id !== live?.id && services.includes(name))
    .map(({ id, arn }) => ({
      version: arn ? splitArn(arn).version : id,
      runs: snapshot.runsInFlight.get(id) ?? 0,
    }))
    .filter(({ runs }) => runs > 0)
    .sort((a, b) => Number(a.version) - Number(b.version));
}

function differences(status: Omit<ServiceStatus, "differences">, limitsWanted: boolean): Difference[] {
  const { declared, liveVersion, reserved, limit, provisioned, memoryMb, switchedOff } = status;
  if (liveVersion === undefined) {
    return [{ setting: "registered", text: "Restate sends its calls to no version of its function" }];
  }
  const found: (Difference | false)[] = [
    declared.switchedOff !== switchedOff && {
      setting: "switchedOff",
      text: `it is switched ${onOff(switchedOff)}; declared is ${onOff(declared.switchedOff)}`,
    },
    declared.maxConcurrency !== reserved && {
      setting: "reserved",
      text: `Lambda's reserved concurrency is ${words(reserved)}; declared is ${words(declared.maxConcurrency)}`,
    },
    // If nobody asks for limits, there need not be one.
    declared.maxConcurrency !== limit &&
      (limit !== undefined || (limitsWanted && status.slotsTaken !== undefined)) && {
        setting: "limit",
        text: `Restate's limit is ${words(limit)}; declared is ${words(declared.maxConcurrency)}`,
      },
    declared.provisioned !== provisioned?.requested && {
      setting: "provisioned",
      text: `provisioned concurrency is ${words(provisioned?.requested)}; declared is ${declared.provisioned}`,
    },
    provisioned?.failure !== undefined && {
      setting: "provisioned",
      text: `Lambda keeps ${provisioned.ready} of ${provisioned.requested} warm: ${provisioned.failure}`,
    },
    declared.memoryMb !== memoryMb && {
      setting: "memoryMb",
      text: `memory is ${memoryMb} MB; declared is ${declared.memoryMb} MB`,
    },
  ];
  return found.filter((difference) => difference !== false);
}

const onOff = (switchedOff: boolean) => (switchedOff ? "off" : "on");
const words = (limit: number | undefined) => limit ?? "none";
