import { functionArn, LOCAL } from "../../lambda-host/index.ts";

/** The parts of a CloudFormation template that are read. */
export interface Template {
  Parameters?: Record<string, { Default?: unknown }>;
  Resources: Record<string, Resource>;
}

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
  DependsOn?: string | string[];
}

const PSEUDO_PARAMETERS: Record<string, string> = {
  "AWS::AccountId": LOCAL.account,
  "AWS::Partition": LOCAL.partition,
  "AWS::Region": LOCAL.region,
  "AWS::StackId": `arn:${LOCAL.partition}:cloudformation:${LOCAL.region}:${LOCAL.account}:stack/local/local`,
  "AWS::StackName": "local",
  "AWS::URLSuffix": "amazonaws.com",
};

/** The name of a function: `FunctionName` if the template sets it, otherwise its logical id. */
export function functionName(template: Template, logicalId: string): string {
  const name = template.Resources[logicalId]?.Properties?.FunctionName;
  return name === undefined ? logicalId : resolve(template, name);
}

/** The logical id of the function behind a reference to it, to one of its versions or to an alias; otherwise undefined. */
export function referencedFunction(template: Template, reference: unknown): string | undefined {
  const logicalId = referencedId(reference);
  const resource = logicalId === undefined ? undefined : template.Resources[logicalId];
  if (resource?.Type === "AWS::Lambda::Function") return logicalId;
  const isPointer = resource?.Type === "AWS::Lambda::Version" || resource?.Type === "AWS::Lambda::Alias";
  return isPointer ? referencedFunction(template, resource.Properties?.FunctionName) : undefined;
}

/**
 * The value of a string in a template on this machine: region us-east-1, account 000000000000.
 * A parameter has its default; another resource is its logical id, and its ARN belongs to this account.
 * @throws Error for an intrinsic function other than Ref, Fn::GetAtt, Fn::Join and Fn::Sub.
 */
export function resolve(template: Template, value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return String(value);
  const [intrinsic, argument] = Object.entries((value ?? {}) as object)[0] ?? [];
  if (intrinsic === "Ref" && typeof argument === "string") return resolveRef(template, argument);
  if (intrinsic === "Fn::GetAtt") return resolveGetAtt(template, argument);
  if (intrinsic === "Fn::Join") {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => resolve(template, part)).join(separator);
  }
  if (intrinsic === "Fn::Sub") return resolveSub(template, argument);
  throw new Error(
    `${intrinsic ?? JSON.stringify(value)} has no value on this machine. Known: Ref, Fn::GetAtt, Fn::Join, Fn::Sub.`,
  );
}

function referencedId(reference: unknown): string | undefined {
  const { Ref, "Fn::GetAtt": getAtt } = (reference ?? {}) as {
    Ref?: string;
    "Fn::GetAtt"?: string | string[];
  };
  return Ref ?? (typeof getAtt === "string" ? getAtt.split(".")[0] : getAtt?.[0]);
}

function resolveRef(template: Template, name: string): string {
  const pseudo = PSEUDO_PARAMETERS[name];
  if (pseudo !== undefined) return pseudo;
  const parameter = template.Parameters?.[name];
  if (parameter) {
    if (parameter.Default !== undefined) return resolve(template, parameter.Default);
    throw new Error(`Ref to the parameter ${name}, which has no default, has no value on this machine.`);
  }
  const resource = template.Resources[name];
  if (!resource) throw new Error(`Ref to ${name}, which the template does not have.`);
  if (resource.Type === "AWS::Lambda::Function") return functionName(template, name);
  const version = referencedFunction(template, { Ref: name });
  return version ? functionArn(functionName(template, version), "1") : name;
}

function resolveGetAtt(template: Template, argument: unknown): string {
  const [logicalId = "", attribute = ""] = Array.isArray(argument)
    ? (argument as string[])
    : String(argument).split(/\.(.*)/s);
  if (attribute !== "Arn") return `${logicalId}.${attribute}`;
  if (template.Resources[logicalId]?.Type === "AWS::Lambda::Function")
    return functionArn(functionName(template, logicalId));
  return `arn:${LOCAL.partition}:local:${LOCAL.region}:${LOCAL.account}:${logicalId}`;
}

function resolveSub(template: Template, argument: unknown): string {
  const [text, values] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [String(argument), {}];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in values) return resolve(template, values[name]);
    return name.includes(".") ? resolveGetAtt(template, name) : resolveRef(template, name);
  });
}
