import type { DataUIPart } from "ai";
import type { PartApproval } from "../../../lib/ui/index.ts";
import { Approval } from "./approval.tsx";
import { Card, decided, inWords } from "./call.tsx";
import { answerApproval } from "./conversation.ts";

export type PartCallPart = DataUIPart<{ approval: PartApproval }>;

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
  const state = over ? "over" : stateOf(answer?.decision);
  return (
    <Card state={state} title={caller === undefined ? tool : `${caller} › ${tool}`} said={state}>
      <p className="input">{inWords(answer?.input ?? input)}</p>
      {answer && <p className="input">{decided(answer.decision, answer.by, answer.input !== undefined)}</p>}
      {state === "waiting" && (
        <Approval
          {...{ name: tool, input, expiresAt }}
          onAnswer={(said) => answerApproval(run, approval, said)}
        />
      )}
      {answer?.decision === "denied" && <p className="problem">{answer.reason}</p>}
    </Card>
  );
}

function stateOf(decision: NonNullable<PartApproval["answer"]>["decision"] | undefined): string {
  if (decision === undefined) return "waiting";
  return decision === "approved" ? "ok" : "denied";
}
