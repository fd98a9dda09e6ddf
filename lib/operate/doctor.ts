import type { Roster } from "../deployment/index.ts";
import { attempt } from "./attempt.ts";
import { checkAccount } from "./check-account.ts";
import { checkRestate } from "./check-restate.ts";
import { checkServices } from "./check-services.ts";
import { type Finding, ok, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { readStuckRuns } from "./redrive.ts";
import { type Service, servicesOf } from "./services.ts";
import { readSnapshot } from "./snapshot.ts";

/**
 * Examines an installation: what the project declares, AWS, Restate, and each service. A check that depends on something
 * broken is left out.
 * @param find finds the installation; what it throws is a finding.
 * @param loadRoster reads what the project declares; what it throws is a finding.
 */
export async function diagnose(
  find: () => Installation,
  loadRoster: () => Promise<Roster>,
): Promise<Finding[]> {
  const roster = await attempt("contracts", loadRoster);
  const installation = await attempt("settings", async () => find());
  if ("finding" in installation) {
    return [...("finding" in roster ? [roster.finding] : []), installation.finding];
  }
  const { value: where } = installation;
  const settings = ok("settings", `${where.name}, Restate at ${where.admin.url}`);
  const declared =
    "finding" in roster ? roster : await attempt("scaling", async () => declare(roster.value, where));
  if ("finding" in declared) return [declared.finding, settings, ...(await examineBasis(where, []))];
  return [settings, ...(await examine(where, declared.value))];
}

interface Declared {
  roster: Roster;
  services: Service[];
}

const declare = (roster: Roster, where: Installation): Declared => ({
  roster,
  services: servicesOf(roster, where),
});

async function examine(where: Installation, { roster, services }: Declared): Promise<Finding[]> {
  const basis = await examineBasis(where, services);
  if (basis.some(({ level, check }) => level === "problem" && isNeeded(check))) return basis;
  const examined = await attempt("services", async () => [
    ...checkServices(where, services, await readSnapshot(where, services)),
    ...(await checkRuns(where, services)),
  ]);
  return [...basis, ...("value" in examined ? examined.value : [examined.finding]), ...sayOfSetup(roster)];
}

/** What a person has to set up. */
const sayOfSetup = ({ tools }: Roster) =>
  tools.flatMap(({ name, setup }) => (setup === undefined ? [] : [ok(name, `needs ${setup}`)]));

async function examineBasis(where: Installation, services: readonly Service[]): Promise<Finding[]> {
  return (await Promise.all([checkAccount(where, services), checkRestate(where, services)])).flat();
}

/** Without these, nothing can be said about the services. */
const isNeeded = (check: string) => check === "AWS" || check === "admin API";

async function checkRuns(installation: Installation, services: readonly Service[]): Promise<Finding[]> {
  const stuck = await readStuckRuns(installation, services);
  if (stuck.length === 0) return [ok("runs", "none is paused or failing again and again")];
  const paused = stuck.filter(({ state }) => state === "paused").length;
  return [
    warning(
      "runs",
      `${paused} paused, ${stuck.length - paused} failing again and again`,
      "List them with: npx fanout redrive",
    ),
  ];
}
