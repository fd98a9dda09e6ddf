import { defineTarget } from "./target.ts";

/** One EC2 instance in the stack itself. */
export interface SelfHostedTarget {
  kind: "self-hosted";
}

export const selfHosted = defineTarget({
  settings: {},
  read: (): SelfHostedTarget => ({ kind: "self-hosted" }),
  urls: () => undefined,
});
