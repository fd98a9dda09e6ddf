import { expect, test } from "vitest";
import { findInstallation } from "./installation.ts";

const LOCAL = {
  adminUrl: "http://127.0.0.1:9070",
  ingressUrl: "http://127.0.0.1:8080",
  lambdaUrl: "http://127.0.0.1:9001",
};
const CLOUD = {
  FANOUT_TARGET: "cloud",
  FANOUT_STAGE: "prod",
  RESTATE_ENVIRONMENT_ID: "env_201kd4r0c2x8",
  RESTATE_REGION: "eu",
  RESTATE_API_KEY_SECRET: "restate/api-key",
};

test("without a target it is the local platform, without the person's own credentials", async () => {
  const { lambda, ...rest } = findInstallation({ AWS_REGION: "eu-west-1", RESTATE_TOKEN: "key_1" }, LOCAL);
  expect(rest).toEqual({
    name: "fanout",
    stage: "dev",
    tier: "dev",
    admin: { url: LOCAL.adminUrl },
    ingressUrl: LOCAL.ingressUrl,
    redeploy: "End the platform and start it again: npx fanout up.",
  });
  expect(await lambda.config.region()).toBe("us-east-1");
  expect(await lambda.config.credentials()).toMatchObject({ accessKeyId: "local" });
});

test("with neither, the error names both options", () => {
  expect(() => findInstallation({}, undefined)).toThrow(
    /No local platform runs here, and FANOUT_TARGET names no deployment\. Start one with: npx fanout up; or set/,
  );
});

test("a target means that deployment, even if a local platform runs", () => {
  const { name, admin, ingressUrl, redeploy } = findInstallation({ ...CLOUD, RESTATE_TOKEN: "key_1" }, LOCAL);
  expect({ name, admin, ingressUrl, redeploy }).toEqual({
    name: "fanout-prod",
    admin: { url: "https://201kd4r0c2x8.env.eu.restate.cloud:9070", token: "key_1" },
    ingressUrl: "https://201kd4r0c2x8.env.eu.restate.cloud",
    redeploy: "Deploy: npm run deploy.",
  });
  expect(findInstallation(CLOUD, LOCAL, { token: "key_2" }).admin.token).toBe("key_2");
});

test("a self-hosted server's addresses have to be given", () => {
  const environment = { FANOUT_TARGET: "self-hosted" };
  expect(() => findInstallation(environment, LOCAL)).toThrow("add --admin-url and --ingress-url");
  const urls = { adminUrl: "http://10.0.0.1:9070", ingressUrl: "http://10.0.0.1:8080" };
  expect(findInstallation(environment, LOCAL, urls)).toMatchObject({
    name: "fanout-dev",
    admin: { url: urls.adminUrl },
    ingressUrl: urls.ingressUrl,
  });
});

test("wrong settings are named", () => {
  expect(() => findInstallation({ FANOUT_TARGET: "cloud" }, LOCAL)).toThrow(
    /RESTATE_ENVIRONMENT_ID: expected/,
  );
});
