import type { Settings } from "../setting.ts";
import { cloud } from "./cloud.ts";
import { existing } from "./existing.ts";
import { local } from "./local.ts";
import { selfHosted } from "./self-hosted.ts";
import type { TargetKind } from "./target.ts";

/** Another kind is a file and a line here. */
const kinds = { local, cloud, existing, "self-hosted": selfHosted };

/** Where a deployment's services are registered. */
export type Target = ReturnType<(typeof kinds)[keyof typeof kinds]["read"]>;

/** The target of one kind. */
export type TargetOf<Kind extends Target["kind"]> = Extract<Target, { kind: Kind }>;

/** Every kind of target by name. */
export const targets: { readonly [Kind in Target["kind"]]: TargetKind<Settings, TargetOf<Kind>> } = kinds;

/** Where a target's Restate answers; undefined if only the deployment itself will know. */
export function restateUrls(target: Target) {
  return (targets[target.kind] as TargetKind<Settings, Target>).urls(target);
}
