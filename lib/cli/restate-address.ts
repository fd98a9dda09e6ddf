import type { Command } from "commander";
import { readDeploymentConfig, restateUrls } from "../deployment/index.ts";
import { asUsage, readUrl } from "./arguments.ts";
import { environment } from "./environment.ts";
import { type PlatformState, readState } from "./state-file.ts";

/** The Restate of the deployment that FANOUT_TARGET names, if it names one. */
export function deployedRestate() {
  return restateUrls(readDeploymentConfig(environment).target);
}

/** @throws Error saying how to start a local platform if none runs. */
export function localPlatform(root: string): PlatformState {
  const state = readState(root);
  if (state) return state;
  throw new Error(
    "No local platform runs here. Start one with: npx fanout up (or name an ingress with --url)",
  );
}

/** Which Restate is meant, where no setting says. */
export interface AddressFlags {
  url?: string;
  token?: string;
  adminUrl?: string;
}

/** Adds the options that name any ingress. @param adminFor what the admin API is for, as `to …`. */
export const addAddressFlags = (command: Command, adminFor: string): Command =>
  command
    .option(
      "--url <url>",
      "a Restate ingress (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for the ingress (default: $RESTATE_TOKEN)")
    .option("--admin-url <url>", `a Restate admin API, ${adminFor} with --url`, asUsage(readUrl));

/** The ingress that the flags name, or the settings do, or that of the local platform; and the admin API, if one is known. */
export function whereToAsk(
  root: string,
  { url, token = environment.RESTATE_TOKEN, adminUrl }: AddressFlags,
): { ingressUrl: string; token?: string | undefined; adminUrl?: string | undefined; lambdaUrl?: string } {
  if (url) return { ingressUrl: url, token, adminUrl };
  const deployed = deployedRestate();
  return deployed ? { ...deployed, token, ...(adminUrl && { adminUrl }) } : localPlatform(root);
}
