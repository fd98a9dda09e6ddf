import { setImmediate } from "node:timers/promises";
import {
  type Context,
  type GenericCall,
  RestatePromise,
  type Serde,
  serde,
} from "@restatedev/restate-sdk/lambda";
import { callField } from "../../lib/call/index.ts";

/** A call as it was issued, and the model's id of it. */
export type Issued = GenericCall<unknown, unknown> & { id: string | undefined };

/** Stands in for Restate: calls end as the test says, steps run at once, and requests are recorded. */
export interface FakeContext {
  ctx: Context;
  /** Every call, in the order in which they were issued. */
  issued: Issued[];
  /** The calls that were cancelled: the model's ids of them, or their services. */
  cancelled: string[];
  /** How long each timer waits, in ms. */
  sleeps: number[];
  /** The names of the durable steps. */
  steps: string[];
}

/** What {@link fakeContext}'s `answer` returns for a call that nobody answers, so that it times out. */
export const NEVER = Symbol("never");

/**
 * @param answer what a call returns, or a promise of it; what it throws is the call's failure.
 * @param headers the headers of the running invocation.
 */
export function fakeContext(
  answer: (call: Issued) => unknown = () => NEVER,
  headers: Record<string, string> = {},
): FakeContext {
  const issued: Issued[] = [];
  const cancelled: string[] = [];
  const sleeps: number[] = [];
  const steps: string[] = [];
  let answered = true;
  const silent = () => {};
  const ctx = {
    cancellation: () => pending(),
    rand: { uuidv4: () => "00000000-0000-4000-8000-000000000000" },
    console: { debug: silent, info: silent, warn: silent, error: silent },
    request: () => ({
      id: "inv_fake",
      headers: new Map(Object.entries(headers)),
      extraArgs: [],
      attemptCompletedSignal: new AbortController().signal,
    }),
    genericCall: (request: GenericCall<unknown, unknown>) => {
      const call = { ...request, id: callField(new Map(Object.entries(request.headers ?? {})), "call") };
      issued.push(call);
      const promise = outcome(answer, call);
      answered &&= promise !== undefined;
      return Object.assign(promise ?? pending(), {
        invocationId: Promise.resolve(call.id ?? call.service),
      });
    },
    invocation: (name: string) => ({ cancel: () => cancelled.push(name) }),
    // Time passes for a call that nobody answers, after everything else has happened.
    sleep: (ms: number) => {
      sleeps.push(ms);
      return answered ? pending() : RestatePromise.resolve(setImmediate());
    },
    run: (name: string, action: () => unknown, options: { serde?: Serde<unknown> } = {}) => {
      steps.push(name);
      const { serialize, deserialize } = options.serde ?? serde.json;
      return RestatePromise.resolve(Promise.resolve(action()).then((value) => deserialize(serialize(value))));
    },
  };
  return { ctx: ctx as unknown as Context, issued, cancelled, sleeps, steps };
}

const pending = () => RestatePromise.race<RestatePromise<unknown>[]>([]);

function outcome(answer: (call: Issued) => unknown, call: Issued): RestatePromise<unknown> | undefined {
  try {
    const answered = answer(call);
    if (answered === NEVER) return undefined;
    return RestatePromise.resolve(Promise.resolve(answered).then((value) => asRead(value, call)));
  } catch (failure) {
    return RestatePromise.reject(failure as never);
  }
}

/** A value as it comes out of the journal. */
function asRead(value: unknown, { outputSerde = serde.json }: Issued): unknown {
  return outputSerde.deserialize(new TextEncoder().encode(JSON.stringify(value)));
}
