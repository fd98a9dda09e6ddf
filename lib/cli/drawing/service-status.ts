import type { Difference, ServiceStatus, Status } from "../../operate/index.ts";
import { wrap } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";

const HEAD = ["service", "kind", "live", "others", "max", "Lambda", "Restate", "in use", "warm", "memory"];
const NONE = "–";
const LEGEND =
  "live: the version that new calls go to, off if it refuses them; others: version:runs in flight there; max: the declared limit, then Lambda's and Restate's; in use: running, +waiting; warm: provisioned; memory in MB";
/** In columns: longer lines are hard to read. */
const MAX_LEGEND_WIDTH = 100;

/** Draws how every service runs, and how that differs from what is declared. */
export function drawStatus(
  { server, services }: Status,
  where: { name: string; adminUrl: string },
  { columns, paint, textWidth }: Screen,
): string[] {
  const can = `service protocol ${server.protocolV7 ? "v7" : "v6"}, flow control ${server.scopes ? "on" : "off"}`;
  const [head = "", ...rows] = table([HEAD, ...services.map(row)], textWidth);
  const differing = services.flatMap(({ name, differences }) =>
    differences.flatMap(({ text }) => wrap(`  ${name}: ${text}`, textWidth)),
  );
  return [
    ...wrap(`Functions: ${where.name}-<service>. Restate ${server.version}: ${can}.`, textWidth),
    ...wrap(`Admin API: ${where.adminUrl}`, textWidth),
    "",
    paint("bold", head),
    ...rows,
    "",
    ...wrap(LEGEND, Math.min(columns, MAX_LEGEND_WIDTH)),
    ...(differing.length === 0 ? [] : ["", paint("yellow", "* not as declared:"), ...differing]),
  ];
}

function row(status: ServiceStatus): string[] {
  const { name, kind, liveVersion, otherVersions, declared, running, waiting, slotsTaken, switchedOff } =
    status;
  const differs = (setting: Difference["setting"]) =>
    status.differences.some((difference) => difference.setting === setting) ? "*" : "";
  return [
    name,
    kind,
    (liveVersion ?? NONE) + (switchedOff ? " off" : "") + differs("registered") + differs("switchedOff"),
    otherVersions.map(({ version, runs }) => `${version}:${runs}`).join(" ") || NONE,
    declared.switchedOff ? "0" : limit(declared.maxConcurrency),
    limit(status.reserved) + differs("reserved"),
    limit(status.limit) + differs("limit"),
    `${Math.max(running, slotsTaken ?? 0)}${waiting > 0 ? ` +${waiting}` : ""}`,
    warm(status) + differs("provisioned"),
    limit(status.memoryMb) + differs("memoryMb"),
  ];
}

const limit = (count: number | undefined) => (count === undefined ? NONE : String(count));

/** How many environments Lambda keeps warm; `1 of 2` while it is still making them. */
function warm({ provisioned }: Pick<ServiceStatus, "provisioned">): string {
  if (provisioned === undefined) return NONE;
  const { requested, ready } = provisioned;
  return ready === requested ? String(requested) : `${ready} of ${requested}`;
}

/** Draws a service before and after a change. */
export function drawChange(before: ServiceStatus, after: ServiceStatus): string[] {
  const line = (what: string, value: (status: ServiceStatus) => string) => [
    what,
    value(before),
    value(after),
  ];
  return table([
    [before.name, "before", "after"],
    line("version", ({ liveVersion }) => liveVersion ?? NONE),
    line("calls", ({ switchedOff }) => (switchedOff ? "refused" : "taken")),
    line("Lambda's reserved concurrency", ({ reserved }) => limit(reserved)),
    line("Restate's limit", (status) => limit(status.limit)),
    line("provisioned concurrency", warm),
    line("memory in MB", ({ memoryMb }) => limit(memoryMb)),
  ]);
}
