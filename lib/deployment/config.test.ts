import { describe, expect, test } from "vitest";
import { readDeploymentConfig } from "./config.ts";
import { restateUrls } from "./targets/index.ts";

const cloud = {
  FANOUT_TARGET: "cloud",
  RESTATE_ENVIRONMENT_ID: "env_123abc",
  RESTATE_API_KEY_SECRET: "restate/api-key",
};
const existing = {
  FANOUT_TARGET: "existing",
  RESTATE_ADMIN_URL: "https://restate.example.com:9070/",
  RESTATE_INGRESS_URL: "https://restate.example.com",
  RESTATE_API_KEY_SECRET: "restate/api-key",
  RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate-invoker",
};

describe("settings", () => {
  test("none means a laptop", () => {
    expect(readDeploymentConfig({})).toEqual({
      target: { kind: "local" },
      project: "fanout",
      stage: "dev",
      tier: "dev",
      name: "fanout",
      account: undefined,
      region: undefined,
      model: undefined,
      monitoring: "off",
      alarmTopic: undefined,
      alarmCostUsdPerHour: undefined,
      otlp: undefined,
    });
  });

  test("three of them mean a deployment to Restate Cloud in the US, for development", () => {
    const config = readDeploymentConfig(cloud);
    expect(config).toMatchObject({
      target: { kind: "cloud", environmentId: "env_123abc", region: "us", apiKeySecret: "restate/api-key" },
      stage: "dev",
      name: "fanout-dev",
    });
    expect(restateUrls(config.target)).toEqual({
      adminUrl: "https://123abc.env.us.restate.cloud:9070",
      ingressUrl: "https://123abc.env.us.restate.cloud",
    });
  });

  test("an existing Restate is where they say, without a trailing slash", () => {
    const { target } = readDeploymentConfig({ ...existing, FANOUT_STAGE: "prod" });
    expect(target).toMatchObject({ kind: "existing", invokerRoleArn: existing.RESTATE_INVOKER_ROLE_ARN });
    expect(restateUrls(target)).toEqual({
      adminUrl: "https://restate.example.com:9070",
      ingressUrl: "https://restate.example.com",
    });
  });

  test("the stack's own server needs none, and its address is not known beforehand", () => {
    const { target } = readDeploymentConfig({ FANOUT_TARGET: "self-hosted" });
    expect(target).toEqual({ kind: "self-hosted" });
    expect(restateUrls(target)).toBeUndefined();
  });

  test("CDK's context fills in what the environment lacks; an empty variable is not set", () => {
    const context = (name: string) => ({ ...cloud, FANOUT_STAGE: "prod" })[name];
    expect(readDeploymentConfig({ FANOUT_TARGET: "" }, context).name).toBe("fanout-prod");
    expect(readDeploymentConfig({ FANOUT_STAGE: "dev" }, context).name).toBe("fanout-dev");
  });

  test("stages have any name; only prod behaves like prod unless the tier says otherwise", () => {
    const read = (more: Record<string, string>) => readDeploymentConfig({ ...cloud, ...more });
    expect(read({ FANOUT_STAGE: "prod" })).toMatchObject({ name: "fanout-prod", tier: "prod" });
    expect(read({ FANOUT_STAGE: "pr-17" })).toMatchObject({ name: "fanout-pr-17", tier: "dev" });
    expect(read({ FANOUT_STAGE: "eu", FANOUT_TIER: "prod" })).toMatchObject({ stage: "eu", tier: "prod" });
    expect(read({ FANOUT_STAGE: "prod", FANOUT_TIER: "dev" }).tier).toBe("dev");
  });

  test("another project in the account has names of its own; account and region can be pinned", () => {
    const pinned = { FANOUT_NAME: "billing", FANOUT_ACCOUNT: "123456789012", FANOUT_REGION: "eu-west-1" };
    expect(readDeploymentConfig({ ...cloud, ...pinned })).toMatchObject({
      project: "billing",
      name: "billing-dev",
      account: "123456789012",
      region: "eu-west-1",
    });
  });

  test("a laptop has no stage: what it runs always has the same names", () => {
    expect(readDeploymentConfig({ FANOUT_STAGE: "prod", FANOUT_NAME: "x" })).toMatchObject({
      name: "fanout",
      stage: "dev",
    });
  });
});

describe("wrong settings", () => {
  const problems = (environment: Record<string, string>) => {
    try {
      readDeploymentConfig(environment);
    } catch (error) {
      return (error as Error).message.split("\n");
    }
    throw new Error("no error");
  };

  test("are all named at once: each key, what is expected, an example, and the value", () => {
    expect(
      problems({
        FANOUT_TARGET: "cloud",
        FANOUT_STAGE: "Test",
        FANOUT_MODEL: "gpt",
        RESTATE_ENVIRONMENT_ID: "my-env",
      }),
    ).toEqual([
      "The deployment's settings are wrong:",
      '  FANOUT_STAGE: expected letters, digits and hyphens in lower case, such as dev, prod or pr-17; got "Test"',
      '  FANOUT_MODEL: expected provider/model, such as openai/gpt-5.4; got "gpt"',
      '  RESTATE_ENVIRONMENT_ID: expected an environment\'s id, such as env_201kd4r0c2x8; got "my-env"',
      "  RESTATE_API_KEY_SECRET: expected the name of a secret in Secrets Manager, not ending in a hyphen and six characters, such as restate/api-key; it is not set",
    ]);
  });

  test.each(Object.keys(existing).filter((key) => key !== "FANOUT_TARGET"))(
    "an existing Restate without %s is refused",
    (key) => {
      expect(problems({ ...existing, [key]: "" })).toEqual([
        expect.any(String),
        expect.stringMatching(new RegExp(`^  ${key}: expected .*, such as \\S+; it is not set$`)),
      ]);
    },
  );

  test.each([
    ["FANOUT_NAME", "2nd", /such as billing; got "2nd"/],
    [
      "FANOUT_NAME",
      "a-project-with-a-long-name",
      /at most 27 characters in "a-project-with-a-long-name-dev", which has 30/,
    ],
    ["FANOUT_TIER", "test", /dev or prod; got "test"/],
    ["FANOUT_ACCOUNT", "1234", /12 digits/],
    ["FANOUT_REGION", "europe", /such as eu-west-1/],
    ["FANOUT_TARGET", "clowd", /local, cloud, existing or self-hosted; got "clowd"/],
    ["RESTATE_REGION", "asia", /us or eu; got "asia"/],
    ["RESTATE_API_KEY_SECRET", "key with blanks", /name of a secret/],
    ["RESTATE_API_KEY_SECRET", "restate-secret", /not ending in a hyphen and six characters/],
    ["FANOUT_ALARM_TOPIC", "alarms", /ARN of an SNS topic, such as arn:aws:sns/],
  ])("%s=%s is refused", (key, value, message) => {
    expect(problems({ ...cloud, [key]: value }).join("\n")).toMatch(message);
  });

  test.each([
    ["RESTATE_ADMIN_URL", "restate.example.com:9070"],
    ["RESTATE_INVOKER_ROLE_ARN", "restate-invoker"],
  ])("%s=%s is refused", (key, value) => {
    expect(problems({ ...existing, [key]: value }).join("\n")).toContain(`got "${value}"`);
  });
});
