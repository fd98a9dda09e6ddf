import * as z from "zod";
import { explainSetting, type Settings, setting, text, url, type ValuesOf } from "./setting.ts";
import { type Target, targets } from "./targets/index.ts";

/** How a stage behaves: `prod` keeps its logs and is monitored. A laptop is `dev`. */
export type Tier = "dev" | "prod";

/** What the environment's settings (`FANOUT_…`, `RESTATE_…`) say of a deployment. */
export interface DeploymentConfig {
  target: Target;
  /** Tells the projects of one account apart: `fanout` on a laptop, and where nothing else is said. */
  project: string;
  /** Tells a project's deployments apart: `dev`, `prod`, `staging`, `pr-17`. */
  stage: string;
  tier: Tier;
  /** The stack's name, and the prefix of its functions' and secrets' names: `fanout` on a laptop, else `<project>-<stage>`. */
  name: string;
  /** Where the stack may be deployed; undefined: wherever the credentials lead. */
  account: string | undefined;
  region: string | undefined;
  /** Replaces every agent's own model. */
  model: string | undefined;
  /** What watches it and is billed while nothing runs: metrics and alarms, and for `full` a dashboard and metrics by tool too. */
  monitoring: "full" | "alarms" | "off";
  /** The ARN of the SNS topic that alarms are sent to. */
  alarmTopic: string | undefined;
  /** What the models may cost within an hour, in USD, before there is an alarm. */
  alarmCostUsdPerHour: number | undefined;
  /** Where functions send their traces, and the ARN of the Lambda layer that takes them there, if there is one. */
  otlp: { endpoint: string; layer: string | undefined } | undefined;
}

/** A deployment's settings are wrong; the message is for the person who set them. */
export class SettingsError extends TypeError {
  override readonly name = "SettingsError";
}

const kinds = Object.keys(targets) as Target["kind"][];

/** Lower case, because Restate's and CloudFormation's names are compared as they are, and a person may type either. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Lambda's names have 64 characters at most, those of services 36 and those of the stack's own functions 24. */
const MAX_NAME_LENGTH = 27;

/** The settings of every target. */
const general = {
  FANOUT_TARGET: setting(
    z.enum(kinds).default("local"),
    `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`,
  ),
  FANOUT_NAME: text(NAME, "letters, digits and hyphens in lower case, such as billing").default("fanout"),
  FANOUT_STAGE: text(NAME, "letters, digits and hyphens in lower case, such as dev, prod or pr-17").default(
    "dev",
  ),
  FANOUT_TIER: setting(z.enum(["dev", "prod"]).optional(), "dev or prod"),
  FANOUT_ACCOUNT: text(/^\d{12}$/, "the 12 digits of an AWS account").optional(),
  FANOUT_REGION: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, such as eu-west-1").optional(),
  FANOUT_MODEL: text(/^[^/\s]+\/\S+$/, "provider/model, such as openai/gpt-5.4").optional(),
  FANOUT_ALARM_TOPIC: text(
    /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/,
    "the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alarms",
  ).optional(),
  FANOUT_MONITORING: setting(z.enum(["full", "alarms", "off"]).optional(), "full, alarms or off"),
  FANOUT_ALARM_COST_USD_PER_HOUR: setting(
    z.coerce.number().positive().optional(),
    "a number of USD, such as 20",
  ),
  FANOUT_OTLP_ENDPOINT: url("http://localhost:4318").optional(),
  FANOUT_OTLP_LAYER: text(
    /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/,
    "the ARN of a layer's version, such as arn:aws:lambda:us-east-1:123456789012:layer:collector:1",
  ).optional(),
};

/**
 * Reads a deployment's settings.
 * @param environment the program's environment variables; an empty one counts as not set.
 * @param context a setting's value if the environment has none, such as CDK's context.
 * @throws SettingsError naming every wrong or missing setting, what is expected, an example and the value.
 */
export function readDeploymentConfig(
  environment: Readonly<Record<string, string | undefined>>,
  context: (name: string) => unknown = () => undefined,
): DeploymentConfig {
  const value = (name: string): unknown => environment[name] || (context(name) ?? undefined);
  const kind = general.FANOUT_TARGET.safeParse(value("FANOUT_TARGET")).data ?? "local";
  const values = readSettings({ ...general, ...targets[kind].settings }, value);
  const read = values as ValuesOf<typeof general>;
  const { FANOUT_OTLP_ENDPOINT: endpoint } = read;
  const names = kind === "local" ? LAPTOP : named(read);
  const { tier } = names;
  return {
    target: targets[kind].read(values),
    ...names,
    account: read.FANOUT_ACCOUNT,
    region: read.FANOUT_REGION,
    model: read.FANOUT_MODEL,
    monitoring: kind === "local" ? "off" : (read.FANOUT_MONITORING ?? (tier === "prod" ? "full" : "off")),
    alarmTopic: read.FANOUT_ALARM_TOPIC,
    alarmCostUsdPerHour: read.FANOUT_ALARM_COST_USD_PER_HOUR,
    otlp: endpoint === undefined ? undefined : { endpoint, layer: read.FANOUT_OTLP_LAYER },
  };
}

type Named = Pick<DeploymentConfig, "project" | "stage" | "tier" | "name">;

/** What it runs always has the same names. */
const LAPTOP: Named = { project: "fanout", stage: "dev", tier: "dev", name: "fanout" };

function named({ FANOUT_NAME: project, FANOUT_STAGE: stage, FANOUT_TIER }: ValuesOf<typeof general>): Named {
  const name = `${project}-${stage}`;
  if (name.length > MAX_NAME_LENGTH) {
    throw new SettingsError(
      `The deployment's settings are wrong:\n  FANOUT_NAME and FANOUT_STAGE: expected at most ${MAX_NAME_LENGTH} characters in "${name}", which has ${name.length}`,
    );
  }
  return { project, stage, tier: FANOUT_TIER ?? (stage === "prod" ? "prod" : "dev"), name };
}

/**
 * Reads settings that belong together.
 * @throws SettingsError naming every wrong or missing one.
 */
export function readSettings<S extends Settings>(settings: S, value: (name: string) => unknown): ValuesOf<S> {
  const values = Object.fromEntries(Object.keys(settings).map((name) => [name, value(name)]));
  const parsed = z.object(settings).safeParse(values);
  if (parsed.success) return parsed.data as ValuesOf<S>;
  const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
  const problems = names.map(
    (name) => `  ${name}: ${explainSetting(settings[name] as z.ZodType, values[name])}`,
  );
  throw new SettingsError(`The deployment's settings are wrong:\n${problems.join("\n")}`);
}
