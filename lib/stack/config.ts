import * as z from "zod";

const configSchema = z
  .object({
    FANOUT_TARGET: z.enum(["local", "cloud"]).default("local"),
    FANOUT_MODEL: z
      .string()
      .regex(/^[^/\s]+\/\S+$/, "expected provider/model, such as openai/gpt-5.4")
      .optional(),
    RESTATE_ENVIRONMENT_ID: z
      .string()
      .regex(/^env_\w+$/, "expected env_…, as Restate Cloud shows it")
      .optional(),
    RESTATE_REGION: z.enum(["us", "eu"]).default("us"),
    RESTATE_API_KEY_SECRET: z.string().min(1).optional(),
  })
  .superRefine((config, ctx) => {
    if (config.FANOUT_TARGET !== "cloud") return;
    for (const key of ["RESTATE_ENVIRONMENT_ID", "RESTATE_API_KEY_SECRET"] as const) {
      if (config[key] === undefined)
        ctx.addIssue({ code: "custom", path: [key], message: "needed for FANOUT_TARGET=cloud" });
    }
  });

/** Where a deployment's services are registered. */
export type Target =
  | { kind: "local" }
  | {
      kind: "cloud";
      environmentId: `env_${string}`;
      region: "us" | "eu";
      /** The name of the Secrets Manager secret that holds the plain API key. */
      apiKeySecret: string;
    };

export interface DeploymentConfig {
  target: Target;
  /** Replaces every agent's own model. */
  model: string | undefined;
}

/**
 * Reads a deployment's settings.
 * @param environment the program's environment variables.
 * @throws TypeError that names every setting that is wrong or missing.
 */
export function readDeploymentConfig(
  environment: Readonly<Record<string, string | undefined>>,
): DeploymentConfig {
  const parsed = configSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    throw new TypeError(`The deployment's settings are wrong:\n${problems.join("\n")}`);
  }
  const config = parsed.data;
  const target: Target =
    config.FANOUT_TARGET === "cloud"
      ? {
          kind: "cloud",
          environmentId: config.RESTATE_ENVIRONMENT_ID as `env_${string}`,
          region: config.RESTATE_REGION,
          apiKeySecret: config.RESTATE_API_KEY_SECRET as string,
        }
      : { kind: "local" };
  return { target, model: config.FANOUT_MODEL };
}
