import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { CloudFormationApi } from "./cloud-formation-api.ts";

/**
 * What a deployment asks of AWS: STS, Secrets Manager and Systems Manager; for CDK's command line also S3, which takes everything,
 * and CloudFormation.
 */
export interface AwsDouble {
  url: string;
  account: string;
  /** The version of CDK's bootstrap stack; undefined: there is none. */
  bootstrap: string | undefined;
  /** By name; undefined: a secret without a value. */
  secrets: Record<string, string | undefined>;
  /** Default: there is no stack, and none can be made. */
  cloudFormation: CloudFormationApi;
  /** Actions that the caller may not perform. */
  denied: Set<string>;
  /** Every action so far. */
  actions: string[];
  /** The variables that lead AWS's clients here. */
  environment(lambdaUrl: string): Record<string, string>;
  stop(): Promise<void>;
}

/** An error as AWS's JSON protocols have it. @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
class AwsError extends Error {}

export async function startAwsDouble(secrets: AwsDouble["secrets"]): Promise<AwsDouble> {
  const inXml = (text: string, status: 200 | 400 = 200) =>
    new Response(text, { status, headers: { "content-type": "text/xml" } });
  const app = new Hono();
  app.get("/:bucket/*", () => inXml("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"));
  app.put("/:bucket/*", (c) => c.body(null, 200));
  app.post("/", async (c) => {
    const target = c.req.header("x-amz-target");
    if (target === undefined) {
      const parameters = new URLSearchParams(await c.req.text());
      const action = parameters.get("Action") ?? "";
      double.actions.push(action);
      const answered = result(action, parameters);
      return answered === undefined
        ? inXml(noStack(parameters.get("StackName")), 400)
        : inXml(envelope(action, answered));
    }
    const [service = "", operation = ""] = target.split(".");
    const action = `${service === "AmazonSSM" ? "ssm" : service}:${operation}`;
    double.actions.push(action);
    try {
      if (double.denied.has(action)) throw new AwsError("AccessDeniedException");
      return c.json(answer(action, JSON.parse(await c.req.text())));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const message = `User: arn:aws:iam::1:user/me is not authorized to perform: ${action} on resource: x`;
      return c.json({ __type: error.message, message }, 400);
    }
  });
  const result = (action: string, parameters: URLSearchParams) => {
    if (action === "GetCallerIdentity") return identity(double.account);
    return action === "AssumeRole" ? SESSION : double.cloudFormation.answer(action, parameters);
  };
  const answer = (action: string, { SecretId = "" }: { SecretId?: string }) => {
    if (action === "ssm:GetParameter") {
      if (double.bootstrap === undefined) throw new AwsError("ParameterNotFound");
      return { Parameter: { Value: double.bootstrap } };
    }
    const name = SecretId.replace(/^arn:.*:secret:/, "");
    const value = double.secrets[name];
    const exists = Object.hasOwn(double.secrets, name);
    if (!exists || (value === undefined && action === "secretsmanager:GetSecretValue"))
      throw new AwsError("ResourceNotFoundException");
    if (action === "secretsmanager:GetSecretValue") return { SecretString: value };
    return { Name: name, VersionIdsToStages: value === undefined ? {} : { v1: ["AWSCURRENT"] } };
  };
  // STS is sent forms, which the sandbox's own servers take from nobody.
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const double: AwsDouble = {
    url,
    account: "123456789012",
    bootstrap: "28",
    secrets,
    cloudFormation: { answer: () => undefined },
    denied: new Set(),
    actions: [],
    environment: (lambdaUrl) => ({
      AWS_ENDPOINT_URL_STS: url,
      AWS_ENDPOINT_URL_SSM: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: url,
      AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "x",
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
    }),
    async stop() {
      server.close();
      await once(server, "close");
    },
  };
  return double;
}

const envelope = (action: string, result: string) =>
  `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
const identity = (account: string) =>
  `<Arn>arn:aws:iam::${account}:user/me</Arn><UserId>AIDA</UserId><Account>${account}</Account>`;
const SESSION =
  "<Credentials><AccessKeyId>x</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>";
/** CDK compares the message. */
const noStack = (name: string | null) =>
  `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
