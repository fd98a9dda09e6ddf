import { CancelledError, type Context, serde } from "@restatedev/restate-sdk/lambda";
import { approvalId, askFor, callOrigin, needsApproval } from "../call/index.ts";
import { type RunLog, TOPIC, watchField } from "../events/index.ts";
import type { SoundCall } from "./checked.ts";
import { tellIssued } from "./watched.ts";

/**
 * Marks the calls that somebody must approve. They are made through the run's object, which asks and waits
 * (`../events/approved-call.ts`), so they take part in the fan-out as any call that is slow.
 */
export function markApprovals(
  ctx: Context,
  calls: readonly SoundCall[],
  { writesNeedApproval }: { writesNeedApproval: boolean },
): void {
  for (const sound of calls) {
    const { tool, call } = sound;
    const isAsked = writesNeedApproval && tool.effect === "write";
    if (isAsked || needsApproval(tool, call.input)) sound.approval = approvalId(ctx);
  }
}

/**
 * Asks for calls that are not to be made yet, because a write stands before them: so all approvals of a turn are asked for at
 * once, and may be given in any order, while the calls keep theirs (F5).
 * @returns what takes the questions back when the run is cancelled before it gets to the calls.
 */
export function askAhead(
  ctx: Context,
  calls: readonly SoundCall[],
  { told, now }: { told: RunLog; now: number },
): (error: unknown) => never {
  const asked = calls.filter(({ approval }) => approval !== undefined);
  const send = (method: string, parameter: object) => {
    const key = callOrigin(ctx.request()).run;
    ctx.genericSend({ service: TOPIC, key, method, parameter, inputSerde: serde.json });
  };
  if (asked.length > 0) {
    tellIssued(
      told,
      asked.map(({ call }) => call),
      now,
    );
    told.flush();
    const { tell } = watchField(told.watch);
    const asks = asked.map(({ call: { id, input }, tool, approval }) =>
      askFor(ctx, tool, { approval: approval as string, input, id, tell }),
    );
    for (const sound of asked) sound.isIssued = true;
    send("ask", { asks });
  }
  return (error) => {
    // F13: nobody may be asked for a call that is never made.
    if (asked.length > 0 && error instanceof CancelledError)
      send("close", { ids: asked.map(({ approval }) => approval) });
    throw error;
  };
}
