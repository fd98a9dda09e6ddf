import { type FormEvent, useId, useState } from "react";
import type { Answer } from "./conversation.ts";

interface ApprovalProps {
  /** The tool that would be called. */
  name: string;
  input: unknown;
  /** Until when it waits, ms since the epoch. */
  expiresAt: number | undefined;
  onAnswer(answer: Answer): Promise<void>;
}

/** What has to be said before a call is made. It goes away when the run has told what became of it. */
export function Approval({ name, input, expiresAt, onAnswer }: ApprovalProps) {
  const id = useId();
  const [isSent, setSent] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget, (event.nativeEvent as SubmitEvent).submitter);
    setSent(true);
    setProblem("");
    try {
      await onAnswer(answerFrom(said, input));
    } catch (error) {
      setProblem((error as Error).message);
      setSent(false);
    }
  };
  return (
    <form className="approval" onSubmit={(event) => void submit(event)}>
      <fieldset disabled={isSent}>
        <legend className="unseen">Approval of {name}</legend>
        {expiresAt !== undefined && (
          <p className="input">It waits until {new Date(expiresAt).toLocaleString()}.</p>
        )}
        <label htmlFor={`${id} input`}>Input</label>
        <textarea id={`${id} input`} name="input" rows={3} defaultValue={JSON.stringify(input, null, 1)} />
        <label htmlFor={`${id} reason`}>Reason, for the model to read</label>
        <input id={`${id} reason`} name="reason" autoComplete="off" maxLength={2000} />
        <button type="submit" name="decision" value="approve">
          Approve
        </button>
        <button type="submit" name="decision" value="deny" className="deny">
          Deny
        </button>
      </fieldset>
      {problem !== "" && <p role="alert">{problem}</p>}
    </form>
  );
}

/** @throws Error where the input is no object of JSON. */
function answerFrom(said: FormData, input: unknown): Answer {
  const approve = said.get("decision") === "approve";
  const reason = String(said.get("reason")).trim();
  const because = reason === "" ? {} : { reason };
  if (!approve) return { approve, ...because };
  const changed = parse(String(said.get("input")));
  const isSame = JSON.stringify(changed) === JSON.stringify(input);
  return { approve, ...because, ...(!isSame && { input: changed }) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("The input is not JSON.", { cause });
  }
}
