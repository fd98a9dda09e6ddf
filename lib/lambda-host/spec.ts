/** What the host needs to know of a Lambda function: the part of `AWS::Lambda::Function` that changes how it runs. */
export interface Spec {
  name: string;
  /** Folder with the bundle. The host runs a copy of it. */
  codeDir: string;
  /** AWS's notation `file.export`, such as `index.handler`; the file's extension is found by itself. */
  handler: string;
  /** Memory in MiB. */
  memoryMb: number;
  timeoutSeconds: number;
  environment: Record<string, string>;
  /** The environment variables for which the host's `settings` may have another value. Default: none. */
  settings?: readonly string[];
  /** Concurrent invocations of all versions together. Without it the function shares the account's rest. */
  reservedConcurrency?: number;
  /** Environments of the published version that are started ahead of requests. Default: none. */
  provisionedConcurrency?: number;
}
