import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Spec } from "../../lib/lambda-host/index.ts";
import type { Template } from "../../lib/local/assembly/template.ts";

/**
 * restate-cdk's function, which CloudFormation invokes to register services, taken from a synthesised stack: its code, its
 * memory, its timeout. Two things that this machine lacks are replaced: the AWS SDK of Lambda's runtime, and the delivery
 * of its answers, which uses HTTPS on port 443 whatever the URL says.
 * @param codeDir a folder that will be created.
 * @param answersUrl where its answers go.
 */
export function serviceDeployer(
  { outdir, template }: { outdir: string; template: Template },
  name: string,
  codeDir: string,
  answersUrl: string,
): Spec {
  const { Code, MemorySize, Timeout } = propertiesIn(template);
  cpSync(join(outdir, `asset.${Code.S3Key.replace(".zip", "")}`), codeDir, { recursive: true });
  const sdk = join(codeDir, "node_modules/@aws-sdk/client-secrets-manager");
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(sdk, "index.js"), SECRETS_MANAGER);
  writeFileSync(join(codeDir, "loopback.mjs"), LOOPBACK);
  return {
    name,
    codeDir,
    handler: "loopback.handler",
    memoryMb: MemorySize,
    timeoutSeconds: Timeout,
    environment: { ANSWERS_URL: answersUrl },
  };
}

/** Every secret has the function's variable SECRET as its value. For a Restate without a token it is not used. */
const SECRETS_MANAGER = `
export class SecretsManagerClient {
  constructor() { if (!process.env.SECRET) throw new Error("no secret is expected to be read"); }
  async send() { return { SecretString: process.env.SECRET }; }
}
export class GetSecretValueCommand {}
`;

/** Through `external` the function lets tests replace how it sends. */
const LOOPBACK = `
import { external, handler } from "./entrypoint.mjs";
external.sendHttpRequest = async ({ method, path }, body) => {
  await fetch(new URL(path, process.env.ANSWERS_URL), { method, body });
};
export { handler };
`;

interface Properties {
  Code: { S3Key: string };
  MemorySize: number;
  Timeout: number;
}

function propertiesIn(template: Template): Properties {
  const functions = Object.values(template.Resources).map(({ Properties }) => Properties);
  const found = functions.find((properties) => properties?.Handler === "entrypoint.handler");
  if (!found) throw new Error("the stack has no function of restate-cdk");
  return found as unknown as Properties;
}
