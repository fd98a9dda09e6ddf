import * as z from "zod";
import { explainSetting, type Settings, setting, text, type ValuesOf } from "./setting.ts";
import { type Target, targets } from "./targets/index.ts";

/** What a deployment is for; `prod` keeps its logs and is monitored. A laptop is `dev`. */
export type Stage = "dev" | "prod";

export interface DeploymentConfig {
  target: Target;
  stage: Stage;
  /** The stack's name, and the prefix of its functions' and secrets' names: `fanout` on a laptop, else `fanout-<stage>`. */
  name: string;
  /** Replaces every agent's own model. */
  model: string | undefined;
  /** The ARN of the SNS topic that alarms are sent to. */
  alarmTopic: string | undefined;
}

/** A deployment's settings are wrong; the message is for the person who set them. */
export class SettingsError extends TypeError {
  override readonly name = "SettingsError";
}

const kinds = Object.keys(targets) as Target["kind"][];

/** The settings of every target. */
const general = {
  FANOUT_TARGET: setting(
    z.enum(kinds).default("local"),
    `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`,
  ),
  FANOUT_STAGE: setting(z.enum(["dev", "prod"]).default("dev"), "dev or prod"),
  FANOUT_MODEL: text(/^[^/\s]+\/\S+$/, "provider/model, such as openai/gpt-5.4").optional(),
  FANOUT_ALARM_TOPIC: text(
    /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/,
    "the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alarms",
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
  const { FANOUT_STAGE: stage, FANOUT_MODEL, FANOUT_ALARM_TOPIC } = values as ValuesOf<typeof general>;
  const local = kind === "local";
  return {
    target: targets[kind].read(values),
    stage: local ? "dev" : stage,
    name: local ? "fanout" : `fanout-${stage}`,
    model: FANOUT_MODEL,
    alarmTopic: FANOUT_ALARM_TOPIC,
  };
}

function readSettings<S extends Settings>(settings: S, value: (name: string) => unknown): ValuesOf<S> {
  const values = Object.fromEntries(Object.keys(settings).map((name) => [name, value(name)]));
  const parsed = z.object(settings).safeParse(values);
  if (parsed.success) return parsed.data as ValuesOf<S>;
  const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
  const problems = names.map(
    (name) => `  ${name}: ${explainSetting(settings[name] as z.ZodType, values[name])}`,
  );
  throw new SettingsError(`The deployment's settings are wrong:\n${problems.join("\n")}`);
}
