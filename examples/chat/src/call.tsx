import type { DynamicToolUIPart, ToolUIPart } from "ai";
import type { CallMetadata } from "../../../lib/ui/index.ts";

export type CallPart = ToolUIPart | DynamicToolUIPart;

/**
 * A call: what was asked for, and what has become of it.
 * @param caller the agent that has made it, if the run's own agent has called that one.
 */
export function Call({ part, name, caller }: { part: CallPart; name: string; caller: string | undefined }) {
  const { durationMs } = (part.toolMetadata ?? {}) as Partial<CallMetadata>;
  const took = durationMs === undefined ? "" : ` · ${(durationMs / 1000).toFixed(2)} s`;
  const state =
    part.state === "output-available" ? "ok" : part.state === "output-error" ? "failed" : "running";
  return (
    <li className={state}>
      <h3>{caller === undefined ? name : `${caller} › ${name}`}</h3>
      <p className="state">{state === "running" ? "running …" : `${state}${took}`}</p>
      <p className="input">{inWords(part.input)}</p>
      {part.state === "output-available" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        <section tabIndex={0} aria-label={`What ${name} answered`}>
          <pre>{JSON.stringify(part.output, null, 1)}</pre>
        </section>
      )}
      {part.state === "output-error" && <p className="problem">{part.errorText}</p>}
    </li>
  );
}

function inWords(input: unknown): string {
  if (typeof input !== "object" || input === null) return String(input);
  return Object.entries(input)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(" ");
}
