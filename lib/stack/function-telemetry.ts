import type { DeploymentConfig } from "../deployment/index.ts";
import { METRICS, METRICS_BY_SERVICE, TRACING_SETTINGS } from "../telemetry/index.ts";

/** What every tool's and agent's function gets, so that it tells of what it does. */
export interface FunctionTelemetry {
  environment: Readonly<Record<string, string>>;
  /** The ARN of a layer with a collector that runs beside the function. */
  layer: string | undefined;
  /** The variables that a laptop's own settings give it. */
  declared: readonly string[];
}

/** Nothing where nothing is asked for: then a function's configuration is as if there were no such thing. */
export function functionTelemetry({ name, monitoring, otlp, target }: DeploymentConfig): FunctionTelemetry {
  const declared = target.kind === "local" ? TRACING_SETTINGS : [];
  return {
    environment: {
      // The Lambda host fills them in.
      ...Object.fromEntries(declared.map((setting) => [setting, ""])),
      ...(monitoring !== "off" && { [METRICS]: name }),
      ...(monitoring === "full" && { [METRICS_BY_SERVICE]: "on" }),
      ...(otlp && { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint }),
    },
    layer: otlp?.layer,
    declared,
  };
}
