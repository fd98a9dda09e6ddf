import type { Context } from "hono";
import { functionArn, parseFunctionReference } from "./arn.ts";
import { LambdaError } from "./lambda-error.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import type { Registry } from "./registry.ts";
import type { Version } from "./version.ts";

/** What a request names: by its path parameter `function` and its query parameter `Qualifier`. */
interface Target {
  fn: LambdaFunction;
  /** A version number or `$LATEST`, if the request names one. */
  qualifier: string | undefined;
  /** The ARN, with the qualifier if there is one. */
  arn: string;
}

/**
 * Reads what a request names, and finds the function; the version may not exist.
 * @throws LambdaError if there is no such function.
 */
export function targetFunction(c: Context, registry: Registry): Target {
  const text = c.req.param("function") ?? "";
  const reference = parseFunctionReference(text);
  if (!reference) throw invalid(`FunctionName should be a name, a partial ARN or an ARN; got ${text}.`);
  const query = c.req.query("Qualifier");
  const qualifier = reference.qualifier ?? (query || undefined);
  if (query && query !== qualifier)
    throw invalid(`The qualifier in the name is ${qualifier}, the parameter Qualifier is ${query}.`);
  const arn = functionArn(reference.name, qualifier);
  const fn = reference.foreign ? undefined : registry.get(reference.name);
  if (!fn) throw notFound(reference.foreign ? text : arn, registry.names);
  return { fn, qualifier, arn };
}

/**
 * Reads what a request names, and finds that version: `$LATEST` if it names none.
 * @throws LambdaError if there is none.
 */
export function targetVersion(c: Context, registry: Registry): Target & { version: Version } {
  const target = targetFunction(c, registry);
  return { ...target, version: findVersion(target) };
}

/**
 * The version that a target names: `$LATEST` if it names none.
 * @throws LambdaError if there is none.
 */
export function findVersion({ fn, qualifier, arn }: Target): Version {
  const version = fn.find(qualifier);
  if (!version)
    throw notFound(arn, [`${fn.name} with ${fn.versions.map(({ version }) => version).join(", ")}`]);
  return version;
}

/**
 * Reads the function that a request names, for an operation that concerns all of its versions.
 * @throws LambdaError if there is none, or if the request names a version.
 */
export function targetUnqualified(c: Context, registry: Registry): LambdaFunction {
  const { fn, qualifier } = targetFunction(c, registry);
  if (!qualifier) return fn;
  throw invalid(
    `This operation concerns a whole function: name ${fn.name} without the qualifier ${qualifier}.`,
  );
}

function invalid(message: string): LambdaError {
  return new LambdaError("InvalidParameterValueException", message);
}

function notFound(asked: string, known: string[]): LambdaError {
  const functions = known.join(", ") || "none";
  return new LambdaError(
    "ResourceNotFoundException",
    `Function not found: ${asked}. Functions: ${functions}.`,
  );
}
