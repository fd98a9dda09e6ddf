/**
 * Calls a handler through Restate's ingress and waits for its output.
 * @param path `Service/handler`.
 * @throws Error with what the ingress answered when the invocation has failed.
 */
export async function call(server: { ingressUrl: string }, path: string, input: unknown): Promise<unknown> {
  const response = await fetch(`${server.ingressUrl}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
