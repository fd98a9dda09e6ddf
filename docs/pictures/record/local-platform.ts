import type { LocalPlatform } from "../local-platform.ts";
import { type Platform, withPlatform } from "./platform.ts";

/** Asks the agent once, and keeps which processes there are then. */
export const recordLocalPlatform = (): Promise<LocalPlatform> => withPlatform(record);

async function record(platform: Platform): Promise<LocalPlatform> {
  const { begin, ended, invocations, environments, ingressUrl, adminUrl, lambdaUrl, sandboxUrl, routesUrl } =
    platform;
  await ended(await begin());
  const counts = await invocations();
  const names = environments().map(({ functionName }) => functionName);
  const inRun = [...new Set(names)].filter((name) => counts[name]);
  return {
    ports: {
      ingress: new URL(ingressUrl).port,
      admin: new URL(adminUrl).port,
      lambda: new URL(lambdaUrl).port,
      sandbox: new URL(sandboxUrl).port,
      routes: new URL(routesUrl).port,
    },
    environments: Object.fromEntries(
      inRun.sort().map((name) => [name.replace("fanout-", ""), names.filter((one) => one === name).length]),
    ),
    others: names.filter((name) => !inRun.includes(name)).length,
  };
}
