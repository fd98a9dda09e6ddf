import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DECLARED, type Declared, PLAIN_FUNCTION } from "../../deployment/index.ts";
import type { App, AppFunction } from "../app.ts";
import { functionName, type Resource, referencedFunction, resolve, type Template } from "./template.ts";

/** Folders of the zipped assets, by their S3 key. */
type Assets = Map<string, string>;

const REGISTRATION = "Custom::RestateServiceDeployment";

/**
 * Reads a synthesised CDK app (`cdk.out`): the functions that are Restate services, that is those that a registration
 * points at, those that are marked as plain ones, and the registrations. A registration comes after those that it
 * depends on; private ones come first.
 * @throws Error if `dir` is no cloud assembly, or if a value has no meaning on this machine.
 * @see https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
 */
export function readAssembly(dir: string): App {
  if (!existsSync(join(dir, "manifest.json")))
    throw new Error(`${dir} has no manifest.json: synthesise the CDK app first.`);
  const { artifacts = {} } = readJson<Manifest>(dir, "manifest.json");
  const files = Object.values(artifacts);
  const assets = new Map(
    files
      .filter(({ type }) => type === "cdk:asset-manifest")
      .flatMap(({ properties }) => readAssets(dir, properties?.file)),
  );
  const stacks = files
    .filter(({ type }) => type === "aws:cloudformation:stack")
    .map(({ properties }) => readStack(readJson<Template>(dir, properties?.templateFile ?? ""), assets));
  return {
    functions: stacks.flatMap(({ functions }) => functions),
    registrations: stacks.flatMap(({ registrations }) => registrations),
  };
}

interface Manifest {
  artifacts?: Record<string, { type: string; properties?: { file?: string; templateFile?: string } }>;
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

function readAssets(dir: string, file = ""): [key: string, folder: string][] {
  return Object.values(readJson<AssetManifest>(dir, file).files ?? {}).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      join(dir, source.path ?? ""),
    ]),
  );
}

function readStack(template: Template, assets: Assets): App {
  const registrations = inOrder(template).flatMap((resource) => {
    const { serviceLambdaArn, servicePath, private: isPrivate } = resource.Properties ?? {};
    const logicalId = referencedFunction(template, serviceLambdaArn);
    return logicalId === undefined
      ? []
      : [{ logicalId, servicePath, isPrivate: String(isPrivate) === "true" }];
  });
  const services = registrations.map(({ logicalId }) => logicalId);
  const plain = Object.keys(template.Resources).filter(
    (id) => template.Resources[id]?.Metadata?.[PLAIN_FUNCTION],
  );
  return {
    functions: [...new Set([...services, ...plain])].map((id) => readFunction(template, id, assets)),
    registrations: registrations.map(({ logicalId, servicePath, isPrivate }) => ({
      functionName: functionName(template, logicalId),
      private: isPrivate,
      ...(typeof servicePath === "string" && { service: servicePath }),
    })),
  };
}

function readFunction(template: Template, logicalId: string, assets: Assets): AppFunction {
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

/** The registrations of a template, each after those that it depends on directly or through other resources. */
function inOrder(template: Template): Resource[] {
  const seen = new Set<string>();
  const ordered: Resource[] = [];
  const visit = (logicalId: string) => {
    const resource = template.Resources[logicalId];
    if (!resource || seen.has(logicalId)) return;
    seen.add(logicalId);
    for (const dependency of [resource.DependsOn ?? []].flat()) visit(dependency);
    if (resource.Type === REGISTRATION) ordered.push(resource);
  };
  const isPrivate = ([, { Properties }]: [string, Resource]) => String(Properties?.private) === "true";
  const registrations = Object.entries(template.Resources).filter(([, { Type }]) => Type === REGISTRATION);
  for (const [logicalId] of registrations.filter(isPrivate)) visit(logicalId);
  for (const [logicalId] of registrations) visit(logicalId);
  return ordered;
}

function readJson<T>(dir: string, file: string): T {
  return JSON.parse(readFileSync(join(dir, file), "utf8")) as T;
}
