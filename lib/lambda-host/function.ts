import type { Declared } from "../deployment/index.ts";

/** What the host needs to know of a Lambda function: the part of `AWS::Lambda::Function` that changes how it runs. */
export interface FunctionSpec {
  name: string;
  /** Folder with the bundle. The host runs a copy of it. */
  codeDir: string;
  /** AWS's notation `file.export`, such as `index.handler`; the file's extension is found by itself. */
  handler: string;
  /** Memory in MiB. */
  memoryMb: number;
  timeoutSeconds: number;
  environment: Record<string, string>;
  /** What a person may have values for. Default: nothing. */
  declared?: Declared;
  /** Another one when a person's values for what it declares are others: they are in no specification themselves. */
  settingsDigest?: string;
  /** Concurrent invocations of all versions together. Without it the function shares the account's rest. */
  reservedConcurrency?: number;
  /** Environments of the published version that are started ahead of requests. Default: none. */
  provisionedConcurrency?: number;
}

/** One Restate registration of a deployment (`Custom::RestateServiceDeployment`). */
export interface Registration {
  functionName: string;
  /** The service's name as far as the deployment states it (`servicePath`); Restate learns the names by discovery. */
  service?: string;
  /** Private services cannot be called through the ingress. */
  private: boolean;
}

/** Those of a person's values that a function declares; an empty one counts as none. */
export function declaredOf(
  { declared }: Pick<FunctionSpec, "declared">,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...(declared?.env ?? []), ...(declared?.secrets ?? [])];
  return Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}
