import { type ToolContext, ToolError } from "../../../lib/tool/index.ts";

/** Goes through the test's gate. @returns the gate's text. @throws ToolError when the gate refuses. */
export async function askGate(
  id: string,
  { env, signal, idempotencyKey }: ToolContext<"GATE_URL">,
): Promise<string> {
  const headers = { "idempotency-key": idempotencyKey };
  const response = await fetch(`${env.GATE_URL}/${id}`, { method: "POST", headers, signal });
  const told = await response.text();
  if (!response.ok) throw new ToolError(told);
  return told;
}
