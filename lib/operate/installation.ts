import { LambdaClient } from "@aws-sdk/client-lambda";
import { readDeploymentConfig, restateUrls, type Tier } from "../deployment/index.ts";
import type { Admin } from "../restate/index.ts";
import { lambdaClient } from "./aws-clients.ts";

/** One running Fanout: the functions of a stack and the Restate that calls them. */
export interface Installation {
  /** The functions are called `<name>-<service>`. */
  name: string;
  stage: string;
  tier: Tier;
  lambda: LambdaClient;
  admin: Admin;
  ingressUrl: string;
  /** How a person deploys again, in a sentence. */
  redeploy: string;
}

/** The addresses of a running local platform. */
interface LocalPlatform {
  adminUrl: string;
  ingressUrl: string;
  lambdaUrl: string;
}

/** Where a deployment's Restate is; overrides its settings. */
export interface Whereabouts {
  adminUrl?: string | undefined;
  ingressUrl?: string | undefined;
  /** Restate's API key. */
  token?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds what to operate: the deployment that FANOUT_TARGET names, else the local platform.
 * @param environment the program's environment variables, including the deployment's settings.
 * @param local the local platform that runs in this project, if one does.
 * @throws TypeError for wrong settings; Error when there is nothing to operate, or its address is unknown.
 */
export function findInstallation(
  environment: Environment,
  local: LocalPlatform | undefined,
  whereabouts: Whereabouts = {},
): Installation {
  const { name, stage, tier, target, region } = readDeploymentConfig(environment);
  if (target.kind === "local") return localInstallation({ name, stage, tier }, local);
  const urls = restateUrls(target);
  const adminUrl = whereabouts.adminUrl ?? urls?.adminUrl;
  const ingressUrl = whereabouts.ingressUrl ?? urls?.ingressUrl;
  if (adminUrl === undefined || ingressUrl === undefined) {
    throw new Error(
      `Where the Restate of a ${target.kind} deployment answers is known only to you: add --admin-url and --ingress-url.`,
    );
  }
  const token = whereabouts.token ?? (environment.RESTATE_TOKEN || undefined);
  const lambda = lambdaClient(region);
  const redeploy = "Deploy: npm run deploy.";
  return { name, stage, tier, lambda, admin: { url: adminUrl, token }, ingressUrl, redeploy };
}

function localInstallation(
  named: Pick<Installation, "name" | "stage" | "tier">,
  local: LocalPlatform | undefined,
): Installation {
  if (local === undefined) {
    throw new Error(
      "No local platform runs here, and FANOUT_TARGET names no deployment. Start one with: npx fanout up; or set FANOUT_TARGET (cloud, existing or self-hosted) and the deployment's other settings.",
    );
  }
  const lambda = new LambdaClient({
    endpoint: local.lambdaUrl,
    region: "us-east-1",
    // Keeps the person's own credentials out of it.
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const redeploy = "End the platform and start it again: npx fanout up.";
  return { ...named, lambda, admin: { url: local.adminUrl }, ingressUrl: local.ingressUrl, redeploy };
}
