import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Which handlers Restate is told not to let the ingress call. */
async function hidden(setting: string): Promise<Record<string, boolean>> {
  vi.resetModules();
  vi.stubEnv("EXPOSED_TOOLS", setting);
  const [{ toolCalls }, { createEndpointHandler }] = await Promise.all([
    import("./tool-calls.ts"),
    import("@restatedev/restate-sdk/lambda"),
  ]);
  const discover = createEndpointHandler({ services: [toolCalls] });
  const event = {
    path: "/discover",
    httpMethod: "GET",
    headers: { accept: "application/vnd.restate.endpointmanifest.v4+json" },
    body: null,
    isBase64Encoded: false,
  };
  const { body, isBase64Encoded } = await discover(event as never, {} as never);
  const manifest = JSON.parse(Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString());
  const { handlers } = manifest.services[0] as { handlers: { name: string; ingressPrivate: boolean }[] };
  return Object.fromEntries(handlers.map(({ name, ingressPrivate }) => [name, ingressPrivate]));
}

test("nothing can be called from outside where no tool is exposed, though the service is served", async () => {
  expect(await hidden("")).toEqual({ call: true, names: true });
  expect(await hidden('{"get_weather":[30,32768]}')).toEqual({ call: false, names: false });
});
