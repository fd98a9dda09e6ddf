import type { Declared } from "../../stack/declared-mark.ts";

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
  /** A person's values for environment variables; they replace the function's, and the management API does not tell them. */
  settings?: Readonly<Record<string, string>>;
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
