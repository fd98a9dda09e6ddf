import {
  type DeploymentConfig,
  type Roster,
  readDeploymentConfig,
  restateUrls,
} from "../deployment/index.ts";
import { attempt } from "./attempt.ts";
import { type PreflightClients, preflightClients } from "./aws-clients.ts";
import { checkAccount } from "./check-account.ts";
import { type ApiKey, checkApiKey, readApiKey } from "./check-api-key.ts";
import { checkBootstrap, checkCredentials } from "./check-aws.ts";
import { checkRestate } from "./check-restate.ts";
import { checkSecrets } from "./check-secrets.ts";
import { type Finding, ok } from "./finding.ts";
import { findInstallation, type Installation, type Whereabouts } from "./installation.ts";
import { type Service, servicesOf } from "./services.ts";

/** What is to be deployed, and by whom. */
export interface Prospect {
  /** The program's environment variables, including the deployment's settings. */
  environment: Readonly<Record<string, string | undefined>>;
  loadRoster: () => Promise<Roster>;
  whereabouts: Whereabouts;
  /** Tells CDK's bootstrap stacks of one account and region apart. */
  qualifier: string;
}

/** What a preflight has found. */
export interface Preflight {
  findings: Finding[];
  /** What can be operated after the deployment, with a key; undefined if its Restate is known only then. */
  installation?: Installation | undefined;
}

/**
 * Examines what a deployment needs, before there is one: settings, contracts, AWS, secrets and Restate. It changes nothing.
 * Restate's API key is the one in the deployment's secret, unless the environment or a person gives another.
 */
export async function preflight(prospect: Prospect): Promise<Preflight> {
  const config = await attempt("settings", async () =>
    deployable(readDeploymentConfig(prospect.environment)),
  );
  const roster = await attempt("contracts", prospect.loadRoster);
  const wrong = [config, roster].flatMap((one) => ("finding" in one ? [one.finding] : []));
  if ("finding" in config || "finding" in roster) return { findings: wrong };
  const services = await attempt("scaling", async () => servicesOf(roster.value, config.value));
  if ("finding" in services) return { findings: [services.finding] };
  return examine(prospect, { config: config.value, roster: roster.value, services: services.value });
}

function deployable(config: DeploymentConfig): DeploymentConfig {
  if (config.target.kind !== "local") return config;
  throw new TypeError(
    "FANOUT_TARGET names no deployment: set it to cloud, existing or self-hosted, with that target's other settings.",
  );
}

interface Declared {
  config: DeploymentConfig;
  roster: Roster;
  services: Service[];
}

async function examine(prospect: Prospect, declared: Declared): Promise<Preflight> {
  const { config } = declared;
  const clients = preflightClients(config.region);
  const settings = ok("settings", `${config.name}, for ${config.target.kind}`);
  const credentials = await checkCredentials(clients, config);
  // Everything at AWS would fail for the same reason.
  if (credentials.level === "problem") return { findings: [settings, credentials] };
  const [onAws, { findings, installation }] = await Promise.all([
    examineAws(clients, declared, prospect.qualifier),
    examineRestate(clients, declared, prospect),
  ]);
  return { findings: [settings, credentials, ...onAws, ...findings], installation };
}

async function examineAws(
  clients: PreflightClients,
  { config, roster, services }: Declared,
  qualifier: string,
): Promise<Finding[]> {
  const findings = await Promise.all([
    checkBootstrap(clients.ssm, qualifier),
    checkAccount(clients, services),
    checkSecrets(clients.secrets, roster, config),
  ]);
  return findings.flat();
}

async function examineRestate(
  { secrets }: PreflightClients,
  { config: { target }, services }: Declared,
  { environment, whereabouts }: Prospect,
): Promise<Preflight> {
  const { adminUrl, ingressUrl } = { ...restateUrls(target), ...given(whereabouts) };
  if (adminUrl === undefined || ingressUrl === undefined)
    return {
      findings: [ok("Restate", "it is part of the stack: nothing can be asked before the deployment")],
    };
  const secret = "apiKeySecret" in target ? target.apiKeySecret : undefined;
  const { key, finding }: ApiKey =
    secret === undefined ? { key: undefined } : await readApiKey(secrets, secret);
  const token = whereabouts.token ?? (environment.RESTATE_TOKEN || key);
  const installation = findInstallation(environment, undefined, { adminUrl, ingressUrl, token });
  const ofSecret = finding ? [finding] : key && secret ? await checkApiKey(adminUrl, secret, key) : [];
  const refused = ofSecret.some(isProblem);
  // Without another key, Restate would say the same again.
  if (refused && (token === undefined || token === key)) return { findings: ofSecret };
  return { findings: [...ofSecret, ...(await checkRestate(installation, services))], installation };
}

const isProblem = ({ level }: Finding) => level === "problem";

const given = ({ adminUrl, ingressUrl }: Whereabouts) => ({
  ...(adminUrl && { adminUrl }),
  ...(ingressUrl && { ingressUrl }),
});
