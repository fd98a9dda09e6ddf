import * as z from "zod";

/** Where a deployment's services are registered. */
export type Target =
  | { kind: "local" }
  | {
      kind: "cloud";
      environmentId: `env_${string}`;
      region: "us" | "eu";
      /** The name of the Secrets Manager secret that holds the plain API key. */
      apiKeySecret: string;
    }
  | {
      kind: "existing";
      adminUrl: string;
      ingressUrl: string;
      /** The name of the Secrets Manager secret that holds the plain API key. */
      apiKeySecret: string;
      /** The role, in the stack's account, with which Restate invokes functions. */
      invokerRoleArn: string;
    }
  | { kind: "self-hosted" };

/** What a deployment is for; `prod` keeps its logs, and is watched. A laptop is `dev`. */
export type Stage = "dev" | "prod";

export interface DeploymentConfig {
  target: Target;
  stage: Stage;
  /** The stack's name, and the prefix of its functions' and secrets': `fanout` on a laptop, else `fanout-<stage>`. */
  name: string;
  /** Replaces every agent's own model. */
  model: string | undefined;
  /** The ARN of the SNS topic that hears of alarms. */
  alarmTopic: string | undefined;
}

/** A deployment's settings are wrong; the message is for the person who set them. */
export class SettingsError extends TypeError {
  override readonly name = "SettingsError";
}

/** A setting's schema; its description is what is expected, with an example. */
const setting = <T extends z.ZodType>(schema: T, expected: string) => schema.describe(expected);
const text = (pattern: RegExp, expected: string) => setting(z.string().regex(pattern), expected);
const url = (example: string) =>
  setting(
    z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, "")),
    `a URL, such as ${example}`,
  );
/** Secrets Manager would take a hyphen and six characters at a name's end for what it adds to every ARN itself. */
const apiKeySecret = text(
  /^(?!.*-[A-Za-z0-9]{6}$)[\w/+=.@-]{1,512}$/,
  "the name of a secret in Secrets Manager, not ending in a hyphen and six characters, such as restate/api-key",
);

const general = {
  FANOUT_TARGET: setting(
    z.enum(["local", "cloud", "existing", "self-hosted"]).default("local"),
    "local, cloud, existing or self-hosted",
  ),
  FANOUT_STAGE: setting(z.enum(["dev", "prod"]).default("dev"), "dev or prod"),
  FANOUT_MODEL: text(/^[^/\s]+\/\S+$/, "provider/model, such as openai/gpt-5.4").optional(),
  FANOUT_ALARM_TOPIC: text(
    /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/,
    "the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alarms",
  ).optional(),
};

/** What a target needs beside. */
const byTarget = {
  local: {},
  cloud: {
    RESTATE_ENVIRONMENT_ID: text(/^env_\w+$/, "an environment's id, such as env_201kd4r0c2x8"),
    RESTATE_REGION: setting(z.enum(["us", "eu"]).default("us"), "us or eu"),
    RESTATE_API_KEY_SECRET: apiKeySecret,
  },
  existing: {
    RESTATE_ADMIN_URL: url("https://restate.example.com:9070"),
    RESTATE_INGRESS_URL: url("https://restate.example.com:8080"),
    RESTATE_API_KEY_SECRET: apiKeySecret,
    RESTATE_INVOKER_ROLE_ARN: text(
      /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/,
      "a role's ARN, such as arn:aws:iam::123456789012:role/restate-invoker",
    ),
  },
  "self-hosted": {},
};

type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * Reads a deployment's settings.
 * @param environment the program's environment variables; an empty one counts as not set.
 * @param context a setting's value where the environment has none, as CDK's context has it.
 * @throws SettingsError that names every setting that is wrong or missing, what is expected, an example and what came.
 */
export function readDeploymentConfig(
  environment: Readonly<Record<string, string | undefined>>,
  context: (name: string) => unknown = () => undefined,
): DeploymentConfig {
  const value = (name: string): unknown => environment[name] || (context(name) ?? undefined);
  const kind = general.FANOUT_TARGET.safeParse(value("FANOUT_TARGET")).data ?? "local";
  const shape: z.ZodRawShape = { ...general, ...byTarget[kind] };
  const values = Object.fromEntries(Object.keys(shape).map((name) => [name, value(name)]));
  const parsed = z.object(shape).safeParse(values);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
    const problems = names.map((name) => `  ${name}: ${explain(shape[name] as z.ZodType, values[name])}`);
    throw new SettingsError(`The deployment's settings are wrong:\n${problems.join("\n")}`);
  }
  const { FANOUT_STAGE: stage, FANOUT_MODEL, FANOUT_ALARM_TOPIC } = parsed.data as Values<typeof general>;
  const local = kind === "local";
  return {
    target: toTarget(kind, parsed.data),
    stage: local ? "dev" : stage,
    name: local ? "fanout" : `fanout-${stage}`,
    model: FANOUT_MODEL,
    alarmTopic: FANOUT_ALARM_TOPIC,
  };
}

function explain(schema: z.ZodType, came: unknown): string {
  const expected = schema.description ?? (schema as z.ZodOptional<z.ZodType>).unwrap().description;
  return `expected ${expected}; ${came === undefined ? "it is not set" : `got ${JSON.stringify(came)}`}`;
}

function toTarget(kind: Target["kind"], parsed: unknown): Target {
  switch (kind) {
    case "local":
    case "self-hosted":
      return { kind };
    case "cloud": {
      const values = parsed as Values<typeof byTarget.cloud>;
      return {
        kind,
        environmentId: values.RESTATE_ENVIRONMENT_ID as `env_${string}`,
        region: values.RESTATE_REGION,
        apiKeySecret: values.RESTATE_API_KEY_SECRET,
      };
    }
    case "existing": {
      const values = parsed as Values<typeof byTarget.existing>;
      return {
        kind,
        adminUrl: values.RESTATE_ADMIN_URL,
        ingressUrl: values.RESTATE_INGRESS_URL,
        apiKeySecret: values.RESTATE_API_KEY_SECRET,
        invokerRoleArn: values.RESTATE_INVOKER_ROLE_ARN,
      };
    }
  }
}

/**
 * Where a target's Restate answers; undefined where only the deployment itself will know.
 * @see https://docs.restate.dev/cloud/connecting-services the addresses of an environment in Restate Cloud
 */
export function restateUrls(target: Target): { adminUrl: string; ingressUrl: string } | undefined {
  switch (target.kind) {
    case "cloud": {
      const host = `https://${target.environmentId.replace(/^env_/, "")}.env.${target.region}.restate.cloud`;
      return { adminUrl: `${host}:9070`, ingressUrl: host };
    }
    case "existing":
      return { adminUrl: target.adminUrl, ingressUrl: target.ingressUrl };
    case "local":
    case "self-hosted":
      return undefined;
  }
}
