import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ILayerVersion, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { agentFolder } from "../agent/index.ts";
import { type DeploymentConfig, type Roster, SettingsError } from "../deployment/index.ts";

/** What a function needs beside its contract, and only its deployment knows. Everything may be left out. */
export interface Infra {
  /** The network that the function is in; its role gets the permissions for that. Default: none, with the internet in reach. */
  vpc?: IVpc;
  /** Default: the private subnets of the network. */
  vpcSubnets?: SubnetSelection;
  /** Default: one of its own, which lets everything out. */
  securityGroups?: ISecurityGroup[];
  /** Values of the environment variables that the contract declares in `env`. */
  environment?: Record<string, string>;
  /** A key of your own for the environment variables. Default: AWS's. */
  environmentKey?: IKey;
  /** Beside the one that reads secrets. */
  layers?: ILayerVersion[];
  /** The size of `/tmp`, 512 to 10,240. Default 512. */
  ephemeralStorageMb?: number;
  /** How long the function's log is kept. Default: as long as the others of the stage. */
  logRetention?: RetentionDays;
  /** Gives the function what it may do, such as `table.grantReadData(fn)`. */
  grant?(fn: LambdaFunction): void;
}

/** What an `infra.ts` is told. */
export interface InfraContext extends Pick<DeploymentConfig, "project" | "stage" | "tier"> {
  /** Where its own constructs go: a place of this function alone. */
  scope: Construct;
  /** A setting of the deployment: an environment variable of whoever deploys, else CDK's context; "" if neither has it. */
  setting(name: string): string;
}

/** What a function's bundle has beside what its code imports. Everything may be left out. */
export interface Code {
  /** The processor that the function runs on, and its packages are for. Default `arm64`. A laptop's own there. */
  architecture?: "arm64" | "x64";
  /** Packages of the project that no import names, such as plug-ins. They are in the bundle's node_modules. */
  packages?: readonly string[];
  /**
   * Packages that are bundled although they look for files beside them or choose at run time what they load: the function does not
   * use that part of them. Default: such a package is in the bundle's node_modules, with all that it depends on.
   */
  bundled?: readonly string[];
  /** Files and folders that no code names, relative to the folder of the tool or agent; they keep their places. */
  files?: readonly string[];
}

const MAKE = Symbol("infra");

/** The default export of an `infra.ts`. */
export interface InfraDefinition {
  readonly [MAKE]: (context: InfraContext) => Infra;
  /** What is known before there is a stack. */
  readonly code: Code;
}

/**
 * Declares the infrastructure of one tool, agent or MCP server: the default export of `infra.ts` in its folder. CDK reads it, and it is
 * no part of the bundle.
 * @param make what the function needs on AWS. A laptop does without it.
 * @param code what its bundle needs, on a laptop as well.
 */
export function defineInfra(make: (context: InfraContext) => Infra, code: Code = {}): InfraDefinition {
  return { [MAKE]: make, code };
}

/** The declared infrastructure of a project, by the name of the tool or agent. */
export type InfraByService = ReadonlyMap<string, InfraDefinition>;

/**
 * Reads every `infra.ts` of a project. That of an MCP server is of each of its tools.
 * @param functions the folder with `tools`, `mcp` and `agents`.
 * @throws SettingsError naming a file that exports something else.
 */
export async function readInfra({
  functions,
  tools,
  agents,
}: Roster & { functions: string }): Promise<InfraByService> {
  const folders = [
    ...tools.map(
      ({ name, mcp }) =>
        [name, mcp ? join(functions, "mcp", mcp.server) : join(functions, "tools", name)] as const,
    ),
    ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent))] as const),
  ];
  const found = new Map<string, InfraDefinition>();
  for (const [name, folder] of folders) {
    const file = join(folder, "infra.ts");
    if (!existsSync(file)) continue;
    const { default: definition } = (await import(pathToFileURL(file).href)) as { default?: InfraDefinition };
    if (typeof definition?.[MAKE] !== "function")
      throw new SettingsError(`${file}: expected export default defineInfra(…).`);
    found.set(name, definition);
  }
  return found;
}

/** A contract, as far as its function's environment goes. */
interface Declaring {
  name: string;
  env?: Readonly<Record<string, string>>;
}

/** Makes what is declared for one function. @throws SettingsError for a variable that the contract does not declare. */
export function makeInfra(
  parent: Construct,
  { name, env = {} }: Declaring,
  declared: InfraByService,
  context: Omit<InfraContext, "scope">,
): Infra & Pick<Code, "architecture"> {
  const definition = declared.get(name);
  if (!definition) return {};
  const infra = definition[MAKE]({ ...context, scope: new Construct(parent, `${name}Infra`) });
  const unknown = Object.keys(infra.environment ?? {}).find((variable) => !Object.hasOwn(env, variable));
  const { architecture } = definition.code;
  if (unknown === undefined) return { ...infra, ...(architecture && { architecture }) };
  const list = Object.keys(env).join(", ") || "none";
  throw new SettingsError(
    `infra.ts of ${name}: environment: expected variables that the contract declares in env (${list}), got ${unknown}.`,
  );
}
