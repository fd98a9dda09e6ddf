import type { DataUIPart } from "ai";
import type { PartApproval } from "fanout/ui";
import { Approval } from "./approval.tsx";
import { Card, decided, inWords } from "./card.tsx";
import { answerApproval } from "./conversation.ts";

export type PartCallPart = DataUIPart<{ approval: PartApproval }>;

const STATES = { open: "waiting", approved: "ok", denied: "denied", expired: "denied", over: "denied" };

/** A part of a composite's call that waits for somebody, or has waited. How it ended is in the composite's answer. */
export function PartCall({
  data,
  caller,
  run,
}: {
  data: PartApproval;
  caller: string | undefined;
  run: string;
}) {
  const { approval, tool, input, expiresAt, answer, over } = data;
  const state = STATES[over ? "over" : (answer?.decision ?? "open")];
  return (
    <Card {...{ state, name: tool, caller, said: answer?.decision ?? "not called" }}>
      <p className="input">{inWords(answer?.input ?? input)}</p>
      {answer && <p className="input">{decided(answer.decision, answer.by, answer.input !== undefined)}</p>}
      {state === "waiting" && (
        <Approval
          {...{ name: tool, input, expiresAt }}
          onAnswer={(said) => answerApproval(run, approval, said)}
        />
      )}
      {answer?.decision === "denied" && answer.reason && <p className="problem">{answer.reason}</p>}
    </Card>
  );
}
