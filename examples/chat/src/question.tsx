import type { FormEvent } from "react";

interface QuestionProps {
  /** What stands there at first. */
  example: string;
  /** A run is at work: it can be stopped, once `canStop`, and nothing else be asked. */
  isBusy: boolean;
  canStop: boolean;
  onAsk(text: string): void;
  onStop(): void;
}

export function Question({ example, isBusy, canStop, onAsk, onStop }: QuestionProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const field = event.currentTarget.question as HTMLInputElement;
    const text = field.value.trim();
    if (text === "" || isBusy) return;
    field.value = "";
    field.focus();
    onAsk(text);
  };
  return (
    <form className="question" onSubmit={submit}>
      <label htmlFor="question">Question</label>
      <input id="question" name="question" autoComplete="off" required defaultValue={example} />
      {isBusy ? (
        <button key="stop" type="button" disabled={!canStop} onClick={onStop}>
          Stop
        </button>
      ) : (
        <button key="send" type="submit">
          Send
        </button>
      )}
    </form>
  );
}
