import type { DynamicToolUIPart, ToolUIPart } from "ai";
import type { ApprovalDescriptor, CallMetadata } from "fanout/ui";
import { Approval } from "./approval.tsx";
import { Card, decided, inWords } from "./card.tsx";
import { answerApproval } from "./conversation.ts";

export type CallPart = ToolUIPart | DynamicToolUIPart;

interface CallProps {
  part: CallPart;
  name: string;
  /** The agent that has made it, if the run's own agent has called that one. */
  caller: string | undefined;
  /** The run, which is asked or answered. */
  run: string;
}

const STATES: Partial<Record<CallPart["state"], string>> = {
  "approval-requested": "waiting",
  "output-available": "ok",
  "output-error": "failed",
  "output-denied": "denied",
};

/** A call: what was asked for, and what has become of it. */
export function Call({ part, name, caller, run }: CallProps) {
  const { durationMs } = (part.toolMetadata ?? {}) as Partial<CallMetadata>;
  const { expiresAt, decision, by, modelInput } = (part.approval?.descriptor ??
    {}) as Partial<ApprovalDescriptor>;
  const state = STATES[part.state] ?? "running";
  const took = durationMs === undefined ? "" : ` · ${(durationMs / 1000).toFixed(2)} s`;
  const said = state === "denied" ? (decision ?? "not called") : `${state}${took}`;
  return (
    <Card {...{ state, name, caller, said }}>
      <p className="input">{inWords(part.input)}</p>
      {decision && <p className="input">{decided(decision, by, modelInput !== undefined)}</p>}
      {part.state === "approval-requested" && (
        <Approval
          {...{ name, expiresAt }}
          input={part.input}
          onAnswer={(answer) => answerApproval(run, part.approval.id, answer)}
        />
      )}
      {part.state === "output-available" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        <section tabIndex={0} aria-label={`What ${name} answered`}>
          <pre>{JSON.stringify(part.output, null, 1)}</pre>
        </section>
      )}
      {part.state === "output-error" && <p className="problem">{part.errorText}</p>}
      {part.state === "output-denied" && part.approval.reason && (
        <p className="problem">{part.approval.reason}</p>
      )}
    </Card>
  );
}
