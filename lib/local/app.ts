import type { Declared } from "../deployment/index.ts";
import type { Spec } from "../lambda-host/index.ts";

/** What is deployed: functions, and which of them are Restate services. */
export interface App {
  functions: readonly AppFunction[];
  registrations: readonly Registration[];
}

/** A function as the Lambda host runs it, with what a person may have values for. */
export interface AppFunction extends Omit<Spec, "settings"> {
  /** Default: nothing. */
  declared?: Declared;
  /** Differs when a person's values for what it declares differ: the function itself does not hold them. */
  settingsDigest?: string;
}

/** One Restate registration of a deployment (`Custom::RestateServiceDeployment`). */
export interface Registration {
  functionName: string;
  /** The service's name as far as the deployment states it (`servicePath`); Restate learns the names by discovery. */
  service?: string;
  /** Private services cannot be called through the ingress. */
  private: boolean;
}

/** What the Lambda host is told of a function. */
export function toSpec({ declared, settingsDigest: _, ...spec }: AppFunction): Spec {
  return declared === undefined ? spec : { ...spec, settings: namesOf(declared) };
}

/** Those of a person's values that a function declares; an empty one counts as none. */
export function declaredOf(
  { declared }: Pick<AppFunction, "declared">,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = declared === undefined ? [] : namesOf(declared);
  return Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}

const namesOf = ({ env, secrets }: Declared) => [...env, ...secrets];
