import {
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  type LambdaClient,
  paginateListProvisionedConcurrencyConfigs,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { type LambdaReference, parseLambdaReference } from "../tool/index.ts";

/** The unpublished version. */
const LATEST = "$LATEST";

/** A version of a Lambda function. */
export interface FunctionVersion {
  /** A number, or `$LATEST`. */
  version: string;
  memoryMb: number;
  codeSha256: string;
  environment: Readonly<Record<string, string>>;
  /** Why Lambda does not show the environment, such as a key that may not be used. */
  environmentHidden?: string;
  provisioned: Provisioned;
}

/** Environments that Lambda keeps warm for a version. */
export interface Provisioned {
  requested: number;
  /** How many of them are ready. */
  ready: number;
  /** Why Lambda could not make them, if it could not. */
  failure?: string | undefined;
}

/** What Lambda knows of a function. */
export interface LambdaFunction {
  name: string;
  /** Without a version. */
  arn: string;
  description: string;
  latest: FunctionVersion;
  /** The published versions, oldest first. */
  versions: FunctionVersion[];
  /** Reserved concurrency; undefined if the function shares the account's. */
  reserved: number | undefined;
}

const NONE: Provisioned = { requested: 0, ready: 0 };

/** Reads a function with all its versions. @returns undefined if there is no such function. */
export async function readFunction(lambda: LambdaClient, name: string): Promise<LambdaFunction | undefined> {
  try {
    const [configurations, provisioned, { ReservedConcurrentExecutions: reserved }] = await Promise.all([
      readVersions(lambda, name),
      readProvisioned(lambda, name),
      lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name })),
    ]);
    const versions = configurations.map((configuration) => toVersion(configuration, provisioned));
    const latest = versions.find(({ version }) => version === LATEST);
    const [configuration] = configurations;
    if (latest === undefined || configuration === undefined) return undefined;
    return {
      name,
      arn: splitArn(configuration.FunctionArn ?? "").functionArn,
      description: configuration.Description ?? "",
      latest,
      versions: versions
        .filter(({ version }) => version !== LATEST)
        .sort((a, b) => Number(a.version) - Number(b.version)),
      reserved,
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Reads functions with all their versions. @returns those that exist, by name. */
export async function readFunctions(
  lambda: LambdaClient,
  names: Iterable<string>,
): Promise<Map<string, LambdaFunction>> {
  const functions = await Promise.all([...names].map((name) => readFunction(lambda, name)));
  return new Map(functions.flatMap((found) => (found ? [[found.name, found]] : [])));
}

/** The version that was published last. */
export function newest({ versions }: LambdaFunction): FunctionVersion | undefined {
  return versions.at(-1);
}

/** The parts of a function's ARN, qualified or not; empty strings if the text is not an ARN. */
export function splitArn(arn: string) {
  const reference: Partial<LambdaReference> = parseLambdaReference(arn) ?? {};
  const { name = "", qualifier = LATEST, region = "", account = "" } = reference;
  return { functionArn: reference.arn ?? "", functionName: name, version: qualifier, region, account };
}

async function readVersions(lambda: LambdaClient, name: string): Promise<FunctionConfiguration[]> {
  const configurations: FunctionConfiguration[] = [];
  for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName: name }))
    configurations.push(...(page.Versions ?? []));
  return configurations;
}

/** Provisioned concurrency by version. */
async function readProvisioned(lambda: LambdaClient, name: string): Promise<Map<string, Provisioned>> {
  const provisioned = new Map<string, Provisioned>();
  const pages = paginateListProvisionedConcurrencyConfigs({ client: lambda }, { FunctionName: name });
  for await (const { ProvisionedConcurrencyConfigs: configs = [] } of pages)
    for (const config of configs) {
      provisioned.set(splitArn(config.FunctionArn ?? "").version, {
        requested: config.RequestedProvisionedConcurrentExecutions ?? 0,
        ready: config.AvailableProvisionedConcurrentExecutions ?? 0,
        ...(config.Status === "FAILED" && { failure: config.StatusReason ?? "without giving a reason" }),
      });
    }
  return provisioned;
}

function toVersion(
  { Version, MemorySize, CodeSha256, Environment }: FunctionConfiguration,
  provisioned: Map<string, Provisioned>,
): FunctionVersion {
  return {
    version: Version ?? LATEST,
    memoryMb: MemorySize ?? 0,
    codeSha256: CodeSha256 ?? "",
    environment: Environment?.Variables ?? {},
    ...(Environment?.Error && { environmentHidden: Environment.Error.Message ?? "no reason given" }),
    provisioned: provisioned.get(Version ?? LATEST) ?? NONE,
  };
}
