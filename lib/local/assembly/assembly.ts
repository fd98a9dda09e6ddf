import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PLAIN_FUNCTION } from "../../deployment/index.ts";
import type { App } from "../app.ts";
import { readFunction } from "./read-function.ts";
import { functionName, type Resource, referencedFunction, type Template } from "./template.ts";

const REGISTRATION = "Custom::RestateServiceDeployment";

/**
 * Reads a synthesised CDK app (`cdk.out`): the functions that are Restate services because a registration points at them,
 * the functions marked as plain, and the registrations. A registration comes after those it depends on; private ones come
 * first.
 * @throws Error if `dir` is not a cloud assembly, or if a value has no meaning on this machine.
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

function readStack(template: Template, assets: ReadonlyMap<string, string>): App {
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

/** The registrations of a template, each after those it depends on directly or through other resources. */
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
