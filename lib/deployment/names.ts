/** The name of a service's Lambda function: the deployment's name, then the service's. */
export function functionNameOf(deployment: string, service: string): string {
  return `${deployment}-${service}`;
}

/** The name in Secrets Manager of a secret that a function reads. */
export function secretNameOf(deployment: string, secret: string): string {
  return `${secretPrefix(deployment)}${secret}`;
}

/** The prefix of the names of all secrets of a deployment. */
export function secretPrefix(deployment: string): string {
  return `${deployment}/`;
}

/** The template's metadata of a function that is not a Restate service, but that the local platform hosts too. */
export const PLAIN_FUNCTION = "fanout:plain-function";

/** The metadata of a function in a laptop's template that names the settings a person may have values for. */
export const DECLARED = "fanout:declared";

/** The names of a contract's environment variables and secrets. */
export interface Declared {
  env: readonly string[];
  secrets: readonly string[];
}

/** A file in a laptop's cloud assembly: what the bundles in it were made from, as `Inputs` of the cache. */
export const BUNDLE_INPUTS = "bundle-inputs.json";
