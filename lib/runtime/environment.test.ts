import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readSecret, readSetting } from "./environment.ts";

let extension: Server;
let asked: { url: string | undefined; token: unknown }[];
let answer: { status: number; body: string };

/** A stand-in for the AWS Parameters and Secrets extension, which serves HTTP on localhost inside a function. */
beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: JSON.stringify({ SecretString: "s3cret" }) };
  extension = createServer((request, response) => {
    asked.push({ url: request.url, token: request.headers["x-aws-parameters-secrets-token"] });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => extension.listen(0, "localhost", resolve));
  const { port } = extension.address() as AddressInfo;
  vi.stubEnv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", String(port));
  vi.stubEnv("AWS_SESSION_TOKEN", "session");
  vi.stubEnv("SECRETS_PREFIX", "fanout/");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => extension.close(resolve));
});

test("a secret comes from Secrets Manager under the deployment's prefix, with the function's session", async () => {
  expect(await readSecret("API_KEY")).toBe("s3cret");
  expect(asked).toEqual([{ url: "/secretsmanager/get?secretId=fanout%2FAPI_KEY", token: "session" }]);
});

test("a laptop's environment wins, and nobody is asked", async () => {
  vi.stubEnv("API_KEY", "mine");
  expect(await readSecret("API_KEY")).toBe("mine");
  expect(asked).toEqual([]);
});

test("a refusal names the secret and no more", async () => {
  answer = { status: 400, body: "arn:aws:secretsmanager:… is not authorized" };
  await expect(readSecret("API_KEY")).rejects.toThrow("Secrets Manager answered 400 for the secret API_KEY");
});

test("without the extension a secret that the environment lacks has no value", async () => {
  vi.stubEnv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "");
  vi.stubEnv("API_KEY", "");
  expect(await readSecret("API_KEY")).toBeUndefined();
});

test("an empty variable means the default", () => {
  vi.stubEnv("BASE_URL", "");
  expect(readSetting("BASE_URL", "https://api.example")).toBe("https://api.example");
  vi.stubEnv("BASE_URL", "http://localhost");
  expect(readSetting("BASE_URL", "https://api.example")).toBe("http://localhost");
});
