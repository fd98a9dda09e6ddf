import type { Declared } from "../deployment/index.ts";
import type { Spec } from "../lambda-host/index.ts";

/** What is deployed: functions, and which of them are Restate services. */
export interface App {
  functions: readonly AppFunction[];
  registrations: readonly Registration[];
}

/** A function as the Lambda host runs it, with the settings that a person may have values for. */
export interface AppFunction extends Omit<Spec, "settings"> {
  /** Default: nothing. */
  declared?: Declared;
  /** Changes with the person's values for what the function declares; the function itself does not contain them. */
  settingsDigest?: string;
}

/** One Restate registration of a deployment (`Custom::RestateServiceDeployment`). */
export interface Registration {
  functionName: string;
  /** The service's name if the deployment states it (`servicePath`); Restate learns the names by discovery. */
  service?: string;
  /** Private services cannot be called through the ingress. */
  private: boolean;
}

/** What the Lambda host is told about a function. */
export function toSpec({ declared, settingsDigest: _, ...spec }: AppFunction): Spec {
  return declared === undefined ? spec : { ...spec, settings: namesOf(declared) };
}

/** The person's values that a function declares; an empty one counts as missing. */
export function declaredOf(
  { declared }: Pick<AppFunction, "declared">,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = declared === undefined ? [] : namesOf(declared);
  return Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}

const namesOf = ({ env, secrets }: Declared) => [...env, ...secrets];
