import type { Construct } from "constructs";
import type { Target, TargetOf } from "../../deployment/index.ts";
import type { StageSettings } from "../stage-settings.ts";
import { cloud } from "./cloud.ts";
import { existing } from "./existing.ts";
import { SelfHostedRestate } from "./self-hosted.ts";
import type { RestateTarget } from "./target.ts";

type Refer<Kind extends Target["kind"]> = (
  scope: Construct,
  target: TargetOf<Kind>,
  stage: StageSettings,
) => RestateTarget;

const byKind: { readonly [Kind in Target["kind"]]: Refer<Kind> } = {
  // Nobody reads it: the local platform registers with the server that it starts.
  local: () => ({ adminUrl: "http://127.0.0.1:9070", ingressUrl: "http://127.0.0.1:8080", ready: [] }),
  cloud,
  existing,
  "self-hosted": (scope, _, stage) => new SelfHostedRestate(scope, "Restate", stage),
};

/** Refers to the target's Restate; for `self-hosted`, creates it. */
export function restateTarget(scope: Construct, target: Target, stage: StageSettings): RestateTarget {
  return (byKind[target.kind] as Refer<Target["kind"]>)(scope, target, stage);
}
