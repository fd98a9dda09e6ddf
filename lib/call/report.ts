import { type Serde, serde, TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { jsonSerde } from "../runtime/index.ts";
import { approval } from "./approval.ts";

/** How a call may end; anything but `"ok"` reaches the model as an error that it can read. */
const callStatus = z.enum([
  "ok",
  "error",
  "timeout",
  "denied",
  "expired",
  "invalid-input",
  "unknown-tool",
  "over-limit",
]);
export type CallStatus = z.output<typeof callStatus>;

/** Tokens and what they cost. */
export const usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int().optional().describe("Of the input, what the provider had in its cache."),
  cacheWriteTokens: z.int().optional().describe("Of the input, what the provider put into its cache."),
  costUsd: z.number().optional().describe("By the price table; left out for a model without a known price."),
});
export type Usage = z.output<typeof usage>;

/** How a call went, as its service knows it. */
const course = z.object({
  attempts: z.int().describe("Tries of the implementation; 0 where it never ran or did not say."),
  startedAt: z.string().nullable().describe("ISO 8601, by the tool's clock."),
  durationMs: z.number(),
  usage: usage.optional().describe("What a sub-agent's run used; part of the run's usage."),
  truncated: z
    .boolean()
    .describe("Whether the result was cut, to the tool's limit or to what the run had left."),
  approval: approval.optional().describe("Who allowed or denied it, if it needed an approval."),
});
type Course = z.output<typeof course>;

/** What a service answers to a call: the output, and how it came about. */
export type CallReport = Course & { output: unknown };

/** What goes without saying stays out of the journal, which travels to the caller at each resume. */
const USUAL = { attempts: 1, truncated: false };

/** How a service writes its report. @param output the output's schema. */
export function reportSerde(output: z.ZodType): Serde<CallReport> {
  const { attempts, truncated } = course.shape;
  const usual = { attempts: attempts.default(USUAL.attempts), truncated: truncated.default(USUAL.truncated) };
  return {
    ...jsonSerde(course.extend({ ...usual, output })),
    serialize: ({ attempts, truncated, ...rest }) =>
      serde.json.serialize({
        ...rest,
        ...(attempts !== USUAL.attempts && { attempts }),
        ...(truncated !== USUAL.truncated && { truncated }),
      }),
  };
}

/** How a caller reads it: as it is, since the service has checked it, and a failure here would never end. */
export function readReport(bytes: Uint8Array): CallReport {
  return { ...USUAL, ...(serde.json.deserialize(bytes) as Course & { output: unknown }) };
}

/** One call in an account of a run: what was asked for, how it ended and how it went; without its output. */
export const callEntry = z.object({
  id: z.string().describe("The model's id of the call."),
  tool: z.string(),
  input: z.unknown(),
  status: callStatus,
  error: z.string().optional().describe("In words, why there is no output."),
  ...course.shape,
});

/** One call and its result (F1: exactly one per call id). The output is undefined unless the status is `"ok"`. */
export type CallResult = z.output<typeof callEntry> & { output?: unknown };

/** HTTP status of a failed call as Restate reports it: the request was fine, the tool could not fulfil it. */
const CALL_FAILED = 422;

/** A failure travels as an error, whose metadata has text only. */
const courseOfFailure = z.object({
  attempts: z.coerce.number().catch(0),
  startedAt: z.string().nullable().catch(null),
  durationMs: z.coerce.number().catch(0),
  approval: z
    .string()
    .transform((text) => approval.parse(JSON.parse(text)))
    .optional()
    .catch(undefined),
});
type CourseOfFailure = z.output<typeof courseOfFailure>;

/**
 * F2: ends a call as failed: terminal, so that it becomes the call's result.
 * @param message clean of what no model may see.
 * @param course how it went. `late`: its time was over, so that whoever waited for it has given up.
 */
export function callFailure(
  message: string,
  { startedAt, approval, ...times }: Partial<CourseOfFailure> & { late?: true } = {},
): TerminalError {
  const metadata = Object.entries({
    ...times,
    ...(startedAt && { startedAt }),
    ...(approval && { approval: JSON.stringify(approval) }),
  });
  return new TerminalError(message, {
    errorCode: CALL_FAILED,
    ...(metadata.length > 0 && {
      metadata: Object.fromEntries(metadata.map(([key, value]) => [key, String(value)])),
    }),
  });
}

/** Whether a call failed because its time was over. */
export const isLate = (error: TerminalError): boolean => error.metadata?.late !== undefined;

/** How a failed call went, as far as its error says. */
export function courseOf(error: unknown): CourseOfFailure {
  return courseOfFailure.parse((error instanceof TerminalError && error.metadata) || {});
}

type Times = Pick<Course, "startedAt" | "durationMs">;

/** From the first begin of these to the last end; for what nobody noted, no begin and no duration. */
export function spanOf(parts: readonly Times[]): Times {
  const noted = parts.flatMap(({ startedAt, durationMs }) =>
    startedAt === null ? [] : [{ begin: Date.parse(startedAt), durationMs }],
  );
  if (noted.length === 0) return { startedAt: null, durationMs: 0 };
  const begin = Math.min(...noted.map((part) => part.begin));
  const end = Math.max(...noted.map((part) => part.begin + part.durationMs));
  return { startedAt: new Date(begin).toISOString(), durationMs: end - begin };
}
