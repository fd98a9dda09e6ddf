import { join } from "node:path";
import type { Construct } from "constructs";
import type { StagedRoster } from "../../deployment/index.ts";
import { type FunctionSettings, RestateFunction } from "../restate-function.ts";

/** The function's source. */
export const RUN_EVENTS_HANDLER = join(import.meta.dirname, "handler.ts");

interface RunEventsFunctionProps {
  events: StagedRoster["events"];
  settings: FunctionSettings;
}

/** The function that holds what runs tell. It calls nothing, and works only for runs that are watched. */
export class RunEventsFunction extends RestateFunction {
  constructor(
    scope: Construct,
    { events: { name, scaling, timeoutSeconds }, settings }: RunEventsFunctionProps,
  ) {
    super(scope, name, {
      settings,
      service: name,
      description: "Fanout: what happens in runs, for those who watch them",
      timeoutSeconds,
      scaling,
    });
  }
}
