import type { RunEvent } from "../events/index.ts";

/** An event in words for whoever waits for the result; undefined for one that says nothing to them. */
export function inWords(event: RunEvent): string | undefined {
  const depth = event.path.length > 0 ? "within a call: " : "";
  const text = wordsOf(event);
  return text && `${depth}${text}`;
}

function wordsOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case "turn-began":
      return `turn ${event.turn}: asking the model`;
    case "turn-ended":
      return event.calls > 0 ? `turn ${event.turn}: calls asked for: ${event.calls}` : undefined;
    case "call-issued":
      return `${event.tool}: called`;
    case "call-ended":
      return `${event.tool}: ${event.status}`;
    case "approval-asked":
      return `${event.tool}: waits for an approval until ${new Date(event.expiresAt).toISOString()}`;
    case "approval-answered":
      return `approval: ${event.decision}`;
    case "limit-reached":
      return `limit reached: ${event.limit}`;
    default:
      return undefined;
  }
}
