import { readDeploymentConfig, restateUrls } from "../deployment/index.ts";
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
