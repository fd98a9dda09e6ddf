import type { Settings } from "../setting.ts";
import { type CloudTarget, cloud } from "./cloud.ts";
import { type ExistingTarget, existing } from "./existing.ts";
import { type LocalTarget, local } from "./local.ts";
import { type SelfHostedTarget, selfHosted } from "./self-hosted.ts";
import type { RestateUrls, TargetKind } from "./target.ts";

/** Where a deployment's services are registered. */
export type Target = LocalTarget | CloudTarget | ExistingTarget | SelfHostedTarget;

/** The target of one kind. */
export type TargetOf<Kind extends Target["kind"]> = Extract<Target, { kind: Kind }>;

/** Every kind of target by its name; one more is a file and a line here. */
export const targets: { readonly [Kind in Target["kind"]]: TargetKind<Settings, TargetOf<Kind>> } = {
  local,
  cloud,
  existing,
  "self-hosted": selfHosted,
};

/** Where a target's Restate answers; undefined where only the deployment itself will know. */
export function restateUrls(target: Target): RestateUrls | undefined {
  return (targets[target.kind] as TargetKind<Settings, Target>).urls(target);
}
