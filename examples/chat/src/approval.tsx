import { useId, useRef, useState } from "react";
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
  const form = useRef<HTMLFormElement>(null);
  const answer = async (approve: boolean) => {
    setSent(true);
    setProblem("");
    try {
      await onAnswer(answerFrom(new FormData(form.current ?? undefined), { approve, input }));
    } catch (error) {
      setProblem((error as Error).message);
      setSent(false);
    }
  };
  return (
    // Enter alone decides nothing.
    <form className="approval" ref={form} onSubmit={(event) => event.preventDefault()}>
      <fieldset disabled={isSent}>
        <legend className="unseen">Approval of {name}</legend>
        {expiresAt !== undefined && (
          <p className="input">It waits until {new Date(expiresAt).toLocaleString()}.</p>
        )}
        <label htmlFor={`${id} input`}>Input</label>
        <textarea id={`${id} input`} name="input" rows={3} defaultValue={JSON.stringify(input, null, 1)} />
        <label htmlFor={`${id} reason`}>Reason, for the model to read</label>
        <input id={`${id} reason`} name="reason" autoComplete="off" maxLength={2000} />
        <button type="button" className="primary" onClick={() => void answer(true)}>
          Approve
        </button>
        <button type="button" onClick={() => void answer(false)}>
          Deny
        </button>
      </fieldset>
      {problem !== "" && <p role="alert">{problem}</p>}
    </form>
  );
}

/** @throws Error where the input is no JSON. */
function answerFrom(fields: FormData, { approve, input }: { approve: boolean; input: unknown }): Answer {
  const reason = String(fields.get("reason")).trim();
  const because = reason === "" ? {} : { reason };
  if (!approve) return { approve, ...because };
  const said = parse(String(fields.get("input")));
  const isSame = JSON.stringify(said) === JSON.stringify(input);
  return { approve, ...because, ...(!isSame && { input: said }) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("The input is not JSON.", { cause });
  }
}
