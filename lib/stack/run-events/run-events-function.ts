import type { Construct } from "constructs";
import { SCOPES } from "../../call/index.ts";
import type { StagedRoster } from "../../deployment/index.ts";
import { APPROVAL_NOTIFIER } from "../../events/index.ts";
import { EXPOSED_TOOLS } from "../../tool-calls/index.ts";
import { kitFile } from "../kit-file.ts";
import { type FunctionSettings, RestateFunction } from "../restate-function.ts";

/** The function's source. */
export const RUN_EVENTS_HANDLER = kitFile("stack/run-events/handler");

interface RunEventsFunctionProps {
  events: StagedRoster["events"];
  settings: FunctionSettings;
  /** Whether calls have scopes: `on` or `off`. */
  scopes: string;
  /** The tool that is told of every question; undefined: none. */
  notifier: string | undefined;
  /** The tools that may be called from outside any run, as a setting; empty: none. */
  exposed: string;
}

/**
 * The function that holds what runs tell and ask, and calls tools for those outside any run. It works only for runs that are watched,
 * or that wait for somebody, and for such calls.
 */
export class RunEventsFunction extends RestateFunction {
  constructor(
    scope: Construct,
    {
      events: { name, scaling, timeoutSeconds },
      settings,
      scopes,
      notifier,
      exposed,
    }: RunEventsFunctionProps,
  ) {
    super(scope, name, {
      settings,
      service: name,
      description: "Fanout: what happens in runs, for those who watch them, and what they ask",
      timeoutSeconds,
      scaling,
      environment: {
        [SCOPES]: scopes,
        ...(notifier !== undefined && { [APPROVAL_NOTIFIER]: notifier }),
        ...(exposed !== "" && { [EXPOSED_TOOLS]: exposed }),
      },
    });
  }
}
