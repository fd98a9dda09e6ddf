import {
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  LambdaServiceException,
} from "@aws-sdk/client-lambda";
import * as z from "zod";
import { cleanMessage, parseRetryAfter, readSetting } from "../runtime/index.ts";
import type { Tool } from "./contract.ts";
import { ToolError } from "./error.ts";
import { implementTool } from "./implement.ts";
import { DEPLOYMENT, LAMBDA_ENDPOINT, LAPTOP, parseLambdaReference } from "./lambda-reference.ts";
import { UnreadableOutput } from "./output.ts";

/** What Lambda answers for a function that failed. */
const functionFailure = z.object({ errorMessage: z.string(), errorType: z.string().optional() });

/** Lambda's errorType for a function that ran to its end and answered with more than Lambda returns. */
const ANSWER_TOO_LARGE = "Function.ResponseSizeTooLarge";

/** How Lambda itself begins its messages about a function: with a time and an id, which help no reader. */
const LAMBDA_PREFIX = /^(?:\S+Z [0-9a-f-]{36} |RequestId: [0-9a-f-]{36} (?:Error: )?)/;

/** Makes a contract with `lambda` into a Restate service whose implementation is that Lambda function. */
export function invokeLambda<In extends z.ZodObject, Out extends z.ZodType>(tool: Tool<In, Out>) {
  const invoke = lambdaInvoker(tool);
  // What the function answered is checked against the contract like any implementation's output.
  return implementTool(tool, async (input, { signal }) => (await invoke(input, signal)) as z.input<Out>);
}

/**
 * Invokes a contract's Lambda function: the input as JSON in, its answer out.
 * The promise rejects with a ToolError that names the function, never its ARN. Retryable are a throttled call, which did
 * not run, and for reads everything that may pass: trouble at Lambda, on the way, or in the function, whose errors do not
 * say more than an unexpected error of a handler would.
 * @throws TypeError when the contract names no function.
 */
export function lambdaInvoker({
  name,
  lambda,
  effect,
}: Pick<Tool, "name" | "lambda" | "effect">): (input: unknown, signal: AbortSignal) => Promise<unknown> {
  const target = parseLambdaReference(lambda ?? "", {
    project: readSetting(DEPLOYMENT.project, LAPTOP.project),
    stage: readSetting(DEPLOYMENT.stage, LAPTOP.stage),
  });
  if (!target) throw new TypeError(`Tool "${name}": expected lambda to name a function, got ${lambda}`);
  const title = `Lambda function ${target.name}${target.qualifier === undefined ? "" : `:${target.qualifier}`}`;
  const mayPass = effect === "read";
  const endpoint = readSetting(LAMBDA_ENDPOINT, "");
  const client = new LambdaClient({
    // The contract's `attempts` are the tries.
    maxAttempts: 1,
    // A function's clock is right. Set by an answer's absurd date, it would let no later request be signed.
    disableClockSkewCorrection: true,
    ...(endpoint !== "" && { endpoint }),
    ...(target.region !== undefined && { region: target.region }),
  });

  return async (input, signal) => {
    const command = new InvokeCommand({
      FunctionName: target.arn ?? target.name,
      Qualifier: target.qualifier,
      Payload: JSON.stringify(input),
    });
    const answer = await client.send(command, { abortSignal: signal }).catch((cause: unknown) => {
      const { problem, retryable } = signal.aborted
        ? { problem: "was not waited for any longer", retryable: false }
        : explain(cause, mayPass);
      throw new ToolError(`${title} ${problem}`, {
        retryable,
        retryAfterSeconds: parseRetryAfter((cause as { retryAfterSeconds?: string }).retryAfterSeconds),
        cause,
      });
    });
    return readAnswer(answer, title, mayPass);
  };
}

function explain(cause: unknown, mayPass: boolean): { problem: string; retryable: boolean } {
  if (!(cause instanceof LambdaServiceException)) {
    return { problem: "could not be reached", retryable: mayPass };
  }
  const status = cause.$metadata.httpStatusCode ?? 500;
  switch (status) {
    case 403:
      return { problem: "may not be invoked by this tool's role", retryable: false };
    case 404:
      return { problem: "does not exist", retryable: false };
    case 413:
      return { problem: "takes 6 MB at most, and the input is larger", retryable: false };
    case 429:
      return { problem: "is throttled", retryable: true };
    default:
      // 409: the function is being updated, or is waking up.
      return {
        problem: `could not be invoked (${cause.name})`,
        retryable: mayPass && (status >= 500 || status === 409),
      };
  }
}

function readAnswer(
  { FunctionError, Payload }: InvokeCommandOutput,
  title: string,
  mayPass: boolean,
): unknown {
  const answer = parse(Payload?.transformToString() ?? "");
  if (FunctionError !== undefined) {
    const { data } = functionFailure.safeParse(answer.json);
    const message = cleanMessage((data?.errorMessage ?? "").replace(LAMBDA_PREFIX, ""));
    if (data?.errorType === ANSWER_TOO_LARGE) {
      throw new UnreadableOutput(`${title} answered with more than Lambda returns: ${message}`);
    }
    throw new ToolError(`${title} failed: ${message}`, { retryable: mayPass });
  }
  if (!answer.ok) throw new UnreadableOutput(`${title} answered with something that is not JSON`);
  return answer.json;
}

function parse(text: string): { ok: boolean; json?: unknown } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
