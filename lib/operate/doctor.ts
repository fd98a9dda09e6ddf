import { cleanMessage } from "../tool/error.ts";
import { checkAccount } from "./check-account.ts";
import { checkRestate } from "./check-restate.ts";
import { checkServices } from "./check-services.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { readStuckRuns } from "./redrive.ts";
import { type Roster, servicesOf } from "./services.ts";
import { readSnapshot } from "./snapshot.ts";

/**
 * Examines an installation: the project's contracts, AWS, Restate, and each service. What depends on something that
 * does not work is not examined.
 * @param find finds the installation; what it throws is a finding.
 * @param loadRoster reads the contracts; what it throws is a finding.
 */
export async function diagnose(
  find: () => Installation,
  loadRoster: () => Promise<Roster>,
): Promise<Finding[]> {
  const roster = await attempt("contracts", loadRoster);
  const installation = await attempt("settings", async () => find());
  const findings: Finding[] = [];
  if ("finding" in roster) findings.push(roster.finding);
  if ("finding" in installation) return [...findings, installation.finding];
  findings.push(ok("settings", `${installation.value.name}, Restate at ${installation.value.admin.url}`));
  return [...findings, ...(await examine(installation.value, "value" in roster ? roster.value : undefined))];
}

async function examine(installation: Installation, roster: Roster | undefined): Promise<Finding[]> {
  const services = roster && servicesOf(roster, installation);
  const [aws, restate] = await Promise.all([
    checkAccount(installation, services ?? []),
    checkRestate(installation, services ?? []),
  ]);
  const findings = [...aws, ...restate];
  if (!roster || !services || findings.some(({ level, check }) => level === "problem" && isNeeded(check))) {
    return findings;
  }
  const examined = await attempt("services", async () => [
    ...checkServices(installation, services, await readSnapshot(installation, services)),
    ...(await checkRuns(installation, roster)),
  ]);
  return [...findings, ...("value" in examined ? examined.value : [examined.finding])];
}

/** Without these nothing can be said about the services. */
const isNeeded = (check: string) => check === "AWS" || check === "admin API";

async function checkRuns(installation: Installation, roster: Roster): Promise<Finding[]> {
  const stuck = await readStuckRuns(installation, roster);
  if (stuck.length === 0) return [ok("runs", "none is paused or fails again and again")];
  const paused = stuck.filter(({ state }) => state === "paused").length;
  return [
    warning(
      "runs",
      `${paused} paused, ${stuck.length - paused} failing again and again`,
      "List them with: npx fanout redrive",
    ),
  ];
}

async function attempt<T>(
  check: string,
  work: () => Promise<T>,
): Promise<{ value: T } | { finding: Finding }> {
  try {
    return { value: await work() };
  } catch (error) {
    // Settings that are wrong are listed one a line.
    const text = error instanceof TypeError ? error.message : cleanMessage(error);
    return { finding: problem(check, text) };
  }
}
