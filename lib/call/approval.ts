import type { Context } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { callField } from "./call-header.ts";
import type { Callee } from "./callee.ts";
import { callOrigin } from "./origin.ts";
import { CALL_APPROVED, TOPIC } from "./run-object.ts";

/** What became of a question whether a call may be made. */
export const approval = z.object({
  decision: z.enum(["approved", "denied", "expired"]),
  at: z.string().describe("When it was answered, or was over: ISO 8601."),
  by: z.string().optional().describe("Who answered."),
  reason: z.string().optional(),
  input: z.unknown().optional().describe("The input that was approved in place of the model's."),
});
export type Approval = z.output<typeof approval>;

/** A call that waits for its approval, as the one who may give it sees it. */
export const ask = z.object({
  /** The approval's id, unique within the run. */
  id: z.string(),
  /** The model's id of the call. */
  call: z.string().optional(),
  /** Whether it is a part of that call, and not the call itself. */
  part: z.boolean(),
  tool: z.string(),
  input: z.unknown(),
  /** JSON Schema of the input. */
  schema: z.unknown().optional(),
  /** How long it is waited for, in seconds. */
  seconds: z.number(),
  /** For those who watch the run: the place of its agent. Undefined: nobody does. */
  tell: z.string().optional(),
});
export type Ask = z.output<typeof ask>;

/** What {@link CALL_APPROVED} is given: the question, and the call. */
export interface ApprovedCall {
  ask: Ask;
  callee: Pick<Callee, "name" | "handler" | "timeout" | "maxResultBytes">;
  /** What the callee is given beside the input that was approved. */
  rest: object;
}

/** How long after a call's own time its caller gives it up, in seconds: whoever makes the call notices first. */
const MARGIN_SECONDS = 60;

/** Whether a call may be made only when somebody has approved it. A policy that throws does not say no. */
export function needsApproval({ approval = "never", input: schema }: Callee, input: unknown): boolean {
  if (typeof approval !== "function") return approval === "always";
  const checked = schema?.safeParse(input);
  // Its tool refuses it.
  if (checked?.success === false) return false;
  try {
    return approval(checked ? checked.data : input) !== false;
  } catch {
    return true;
  }
}

/** The id of a question: the same in every replay. */
export const approvalId = (ctx: Context): string =>
  `ap_${ctx.rand.uuidv4().replaceAll("-", "").slice(0, 20)}`;

/** What is asked of those who may approve a call. */
export function askFor(
  ctx: Context,
  { name, input: schema, expires }: Callee,
  request: { approval: string; input: unknown; id?: string | undefined; tell?: string | undefined },
): Ask {
  const { headers } = ctx.request();
  const call = request.id ?? callOrigin(ctx.request()).call;
  const tell = request.tell ?? callField(headers, "tell");
  return {
    id: request.approval,
    ...(call !== undefined && { call }),
    part: request.id === undefined,
    tool: name,
    input: request.input,
    ...(schema && { schema: z.toJSONSchema(schema, { io: "input" }) }),
    seconds: expires?.seconds ?? 0,
    ...(tell !== undefined && { tell }),
  };
}

/** How long a caller waits for a call that needs an approval. */
export const timeoutWithApproval = ({ timeout, expires }: Callee): { seconds: number } => ({
  seconds: timeout.seconds + (expires?.seconds ?? 0) + MARGIN_SECONDS,
});

/** What is called in place of a callee whose call needs an approval: the run's object, which waits for it. */
export function approvedCallee(ctx: Context, callee: Callee): Callee {
  return {
    name: TOPIC,
    key: callOrigin(ctx.request()).run,
    handler: CALL_APPROVED,
    timeout: timeoutWithApproval(callee),
    maxResultBytes: callee.maxResultBytes,
  };
}
