/** What Lambda calls the function of a service: the deployment's name, and the service's after it. */
export function functionNameOf(deployment: string, service: string): string {
  return `${deployment}-${service}`;
}

/** What Secrets Manager calls a secret that a function reads. */
export function secretNameOf(deployment: string, secret: string): string {
  return `${secretPrefix(deployment)}${secret}`;
}

/** What the names of all secrets of a deployment begin with. */
export function secretPrefix(deployment: string): string {
  return `${deployment}/`;
}

/** The metadata of a function in the template that is no Restate service, but that the local platform hosts too. */
export const PLAIN_FUNCTION = "fanout:plain-function";

/** The metadata of a function in a laptop's template that names what a person may have values for. */
export const DECLARED = "fanout:declared";

/** The names of a contract's environment variables and secrets. */
export interface Declared {
  env: readonly string[];
  secrets: readonly string[];
}
