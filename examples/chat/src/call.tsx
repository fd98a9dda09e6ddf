import type { DynamicToolUIPart, ToolUIPart } from "ai";
import type { ReactNode } from "react";
import type { ApprovalDescriptor, CallMetadata } from "../../../lib/ui/index.ts";
import { Approval } from "./approval.tsx";
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
  return (
    <Card state={state} title={caller === undefined ? name : `${caller} › ${name}`} said={`${state}${took}`}>
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
      {part.state === "output-denied" && <p className="problem">{part.approval.reason}</p>}
    </Card>
  );
}

const UNDER_WAY: Record<string, string> = { running: "running …", waiting: "waits for you" };

/** @param said of how it stands. */
export function Card(props: { state: string; title: string; said: string; children: ReactNode }) {
  return (
    <li className={props.state}>
      <h3>{props.title}</h3>
      <p className="state">{UNDER_WAY[props.state] ?? props.said}</p>
      {props.children}
    </li>
  );
}

/** Who has decided what. */
export const decided = (decision: string, by: string | undefined, isChanged: boolean): string =>
  `${decision}${by === undefined ? "" : ` by ${by}`}${isChanged ? ", with another input" : ""}`;

export function inWords(input: unknown): string {
  if (typeof input !== "object" || input === null) return String(input);
  return Object.entries(input)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(" ");
}
