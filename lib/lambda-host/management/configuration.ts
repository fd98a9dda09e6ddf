import { functionArn, LOCAL } from "../arn.ts";
import { type Version, versionNumber } from "../version.ts";

/** AWS's `FunctionConfiguration` as lists have it: without the states, and with a qualified ARN if `qualified`. */
export function listedConfiguration(of: Version, qualified: boolean) {
  const { spec, version, code } = of;
  const { name, environment } = spec;
  return {
    FunctionName: name,
    FunctionArn: functionArn(name, qualified ? version : undefined),
    Runtime: "nodejs24.x",
    Role: `arn:${LOCAL.partition}:iam::${LOCAL.account}:role/${name}`,
    Handler: spec.handler,
    CodeSize: code.bytes,
    CodeSha256: code.sha256,
    Description: of.description,
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMb,
    LastModified: of.lastModified.toISOString().replace("Z", "+0000"),
    Version: version,
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: environment } }),
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: of.revisionId,
    PackageType: "Zip",
    Architectures: [process.arch === "arm64" ? "arm64" : "x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` },
  };
}

/** AWS's `FunctionConfiguration` of one version. Environment variables are those declared, not what replaces them here. */
export function configuration(of: Version, qualified: boolean, updating = false) {
  return {
    ...listedConfiguration(of, qualified),
    State: "Active",
    ...(updating
      ? {
          LastUpdateStatus: "InProgress",
          LastUpdateStatusReason: "The function is being created.",
          LastUpdateStatusReasonCode: "Creating",
        }
      : { LastUpdateStatus: "Successful" }),
  };
}

/** Sorts versions by function and number as text does. */
export function sortKey({ spec, version }: Pick<Version, "spec" | "version">): string {
  return `${spec.name}:${String(versionNumber(version)).padStart(12, "0")}`;
}
