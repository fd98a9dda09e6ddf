import { type Context, handlers, service } from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import {
  type CallReport,
  durableStep,
  type LISTENING,
  logCall,
  refuseIfSwitchedOff,
  reportSerde,
} from "../call/index.ts";
import { tellingEnd } from "../events/index.ts";
import { jsonSerde } from "../runtime/index.ts";
import { ABORT_MARGIN_SECONDS, MAX_TIMEOUT_SECONDS, type Tool } from "./contract.ts";
import { type Implementation, perform } from "./perform.ts";

/** Where a tool's service keeps what it was made of. The same in every copy of this module that a program has loaded. */
const MADE_OF = Symbol.for("fanout.made-of");

/** A tool's service, with what it was made of. */
export interface Implemented<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
> {
  readonly [MADE_OF]: {
    readonly tool: Tool<In, Out, Env, Secret>;
    readonly implementation: Implementation<In, Out, Env, Secret>;
  };
}

/** What {@link implementTool} was given; undefined of any other service. */
export function madeOf<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(service: Implemented<In, Out, Env, Secret>): Implemented<In, Out, Env, Secret>[typeof MADE_OF] | undefined {
  return service[MADE_OF];
}

/**
 * Makes a tool's contract and its implementation into a Restate service with one handler, `run`.
 * A read costs one Lambda invocation: the call itself is the durable step. A write runs in a durable step of its own,
 * so a crash after its effect does not repeat it (F10).
 * Failures end the invocation with a TerminalError: a clean message, and how many tries it took in its metadata.
 */
export function implementTool<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(tool: Tool<In, Out, Env, Secret>, implementation: Implementation<In, Out, Env, Secret>) {
  if (tool.timeout.seconds > MAX_TIMEOUT_SECONDS)
    throw new TypeError(
      `Tool "${tool.name}": timeout: expected at most ${MAX_TIMEOUT_SECONDS} s, because a Lambda function ends after 15 minutes, got ${tool.timeout.seconds} s; a composite may wait longer`,
    );
  const service = toolService(tool, (ctx, input) => {
    const act = () => perform(tool, implementation, ctx, input);
    return tool.effect === "write" ? durableStep(ctx, "effect", act) : act();
  });
  const made: Implemented<In, Out, Env, Secret> = { [MADE_OF]: { tool, implementation } };
  return Object.assign(service, made);
}

/** A tool's Restate service around what its `run` does. */
export function toolService<In extends z.ZodObject>(
  tool: Tool<In>,
  run: (ctx: Context, input: z.output<In>) => Promise<CallReport>,
  options: Partial<typeof LISTENING> = {},
) {
  return service({
    name: tool.name,
    description: tool.description,
    handlers: {
      run: handlers.handler(
        { input: jsonSerde(tool.input), output: reportSerde(tool.output) },
        (ctx: Context, input: z.output<In>) =>
          logCall(ctx, () =>
            tellingEnd(ctx, tool.name, async () => {
              refuseIfSwitchedOff(tool.name);
              return await run(ctx, input);
            }),
          ),
      ),
    },
    options: {
      ...options,
      ingressPrivate: true,
      abortTimeout: { seconds: Math.min(tool.timeout.seconds, MAX_TIMEOUT_SECONDS) + ABORT_MARGIN_SECONDS },
      // F3: for infrastructure failures only, a throttled function's 429 among them; the caller's timeout is the bound.
      retryPolicy: {
        initialInterval: 100,
        exponentiationFactor: 2,
        maxInterval: { seconds: 5 },
        maxAttempts: 1000,
        onMaxAttempts: "kill",
      },
    },
  });
}
