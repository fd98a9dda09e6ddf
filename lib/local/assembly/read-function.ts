import { DECLARED, type Declared } from "../../deployment/index.ts";
import type { AppFunction } from "../app.ts";
import { functionName, referencedFunction, resolve, type Template } from "./template.ts";

/**
 * Reads a function from a template.
 * @param assets the folders of the zipped assets, by their S3 key.
 * @throws Error if its code is not in an asset, or if an environment variable has no meaning on this machine.
 */
export function readFunction(
  template: Template,
  logicalId: string,
  assets: ReadonlyMap<string, string>,
): AppFunction {
  const properties = template.Resources[logicalId]?.Properties as FunctionProperties;
  const name = functionName(template, logicalId);
  const key = properties.Code?.S3Key;
  const codeDir = typeof key === "string" ? assets.get(key) : undefined;
  if (!codeDir || !properties.Handler)
    throw new Error(
      `Function ${name} should have a handler and its code in an asset; it has ${JSON.stringify(properties.Code)}.`,
    );
  const provisioned = readProvisioned(template, logicalId);
  const declared = template.Resources[logicalId]?.Metadata?.[DECLARED] as Declared | undefined;
  return {
    name,
    codeDir,
    handler: properties.Handler,
    // AWS's defaults: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
    memoryMb: properties.MemorySize ?? 128,
    timeoutSeconds: properties.Timeout ?? 3,
    environment: readEnvironment(template, name, properties.Environment?.Variables ?? {}),
    ...(properties.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    }),
    ...(provisioned !== undefined && { provisionedConcurrency: provisioned }),
    ...(declared !== undefined && { declared }),
  };
}

/** The provisioned concurrency of the function's version: all version resources of one deployment are one version. */
function readProvisioned(template: Template, logicalId: string): number | undefined {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Version")
    .map(({ Properties }) => Properties as VersionProperties | undefined)
    .filter((version) => referencedFunction(template, version?.FunctionName) === logicalId)
    .map((version) => version?.ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions)
    .find((provisioned) => provisioned !== undefined);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */
interface VersionProperties {
  FunctionName?: unknown;
  ProvisionedConcurrencyConfig?: { ProvisionedConcurrentExecutions?: number };
}

interface FunctionProperties {
  Code?: { S3Key?: unknown };
  Handler?: string;
  MemorySize?: number;
  Timeout?: number;
  Environment?: { Variables?: Record<string, unknown> };
  ReservedConcurrentExecutions?: number;
}

function readEnvironment(
  template: Template,
  name: string,
  variables: Record<string, unknown>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([variable, value]) => {
      try {
        return [variable, resolve(template, value)];
      } catch (cause) {
        throw new Error(`Function ${name}, environment variable ${variable}: ${(cause as Error).message}`, {
          cause,
        });
      }
    }),
  );
}
