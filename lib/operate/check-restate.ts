import { AdminError, readServices, readVersion, type ServerVersion } from "../restate/index.ts";
import { cleanMessage } from "../runtime/index.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import type { Service } from "./services.ts";

const HEALTH_MS = 10_000;

/** Whether Restate answers and accepts the key, and what it can do. */
export async function checkRestate(
  installation: Installation,
  services: readonly Service[],
): Promise<Finding[]> {
  const [admin, ingress] = await Promise.all([
    checkAdmin(installation, services),
    checkIngress(installation),
  ]);
  return [...admin, ingress];
}

async function checkAdmin({ admin }: Installation, services: readonly Service[]): Promise<Finding[]> {
  try {
    const version = await readVersion(admin);
    // The version may be read without a key.
    await readServices(admin);
    return [ok("admin API", `${admin.url} answers`), ...features(version, services)];
  } catch (error) {
    if (error instanceof AdminError && (error.status === 401 || error.status === 403)) {
      return [
        problem("admin API", `${admin.url} refused the API key (${error.status})`, keyAdvice(admin.token)),
      ];
    }
    return [problem("admin API", cleanMessage(error), "Check that it runs, and its address.")];
  }
}

async function checkIngress({ ingressUrl, admin: { token } }: Installation): Promise<Finding> {
  const url = `${ingressUrl}/restate/health`;
  try {
    const response = await fetch(url, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(HEALTH_MS),
    });
    if (response.ok) return ok("ingress", `${ingressUrl} answers`);
    const refused = response.status === 401 || response.status === 403;
    return refused
      ? problem("ingress", `${ingressUrl} refused the API key (${response.status})`, keyAdvice(token))
      : problem("ingress", `${url} answered ${response.status}`);
  } catch {
    return problem("ingress", `${ingressUrl} does not answer`, "Check that it runs, and its address.");
  }
}

const keyAdvice = (token: string | undefined) =>
  token === undefined
    ? "Set RESTATE_TOKEN, or add --token: an API key of this environment."
    : "RESTATE_TOKEN or --token is not, or no longer, an API key of this environment.";

/** What a server can do, and what it costs if it cannot. */
function features({ version, protocolV7, scopes }: ServerVersion, services: readonly Service[]): Finding[] {
  const limited = services.filter(({ declared }) => declared.maxConcurrency !== undefined);
  return [
    protocolV7
      ? ok("server", `Restate ${version}, service protocol v7: an agent is woken once per fan-out`)
      : warning(
          "server",
          `Restate ${version}, service protocol v6: an agent is woken up to once per call, so 8 calls at once cost 9 invocations in place of 2`,
          "Turn v7 on: RESTATE_EXPERIMENTAL_ENABLE_PROTOCOL_V7=true on the server, or version 1.8.",
        ),
    scopes || limited.length === 0
      ? ok(
          "flow control",
          scopes ? "on: calls beyond a limit wait at Restate" : "off, and nothing is limited",
        )
      : warning(
          "flow control",
          `off: calls beyond the maxConcurrency of ${limited.map(({ name }) => name).join(", ")} are throttled by Lambda and tried again`,
          "Turn it on: RESTATE_EXPERIMENTAL_ENABLE_VQUEUES=true on the server, together with v7.",
        ),
  ];
}
