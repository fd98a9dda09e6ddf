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
  /** The names of the parameters that were read. */
  parameters: string[];
  /** The variables that lead AWS's clients here. */
  environment(lambdaUrl: string): Record<string, string>;
  stop(): Promise<void>;
}

/** What its services answer from. */
type State = Omit<AwsDouble, "url" | "environment" | "stop">;

export async function startAwsDouble(secrets: AwsDouble["secrets"]): Promise<AwsDouble> {
  const state: State = {
    account: "123456789012",
    bootstrap: "28",
    secrets,
    cloudFormation: { answer: () => undefined },
    denied: new Set(),
    actions: [],
    parameters: [],
  };
  // STS is sent forms, which the sandbox's own servers take from nobody.
  const server = serve({ fetch: services(state).fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url,
    environment: (lambdaUrl: string) => leadingTo(url, lambdaUrl),
    async stop() {
      server.close();
      await once(server, "close");
    },
  });
}

const leadingTo = (url: string, lambdaUrl: string) => ({
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
});

function services(state: State): Hono {
  const app = new Hono();
  app.get("/:bucket/*", () => inXml("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"));
  app.put("/:bucket/*", (c) => c.body(null, 200));
  app.post("/", async (c) => {
    const target = c.req.header("x-amz-target");
    const body = await c.req.text();
    return target === undefined
      ? answerForm(state, new URLSearchParams(body))
      : answerJson(state, target, JSON.parse(body));
  });
  return app;
}

/** STS and CloudFormation. @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function answerForm(state: State, parameters: URLSearchParams): Response {
  const action = parameters.get("Action") ?? "";
  state.actions.push(action);
  const results: Record<string, string> = { GetCallerIdentity: identity(state.account), AssumeRole: SESSION };
  const result = results[action] ?? state.cloudFormation.answer(action, parameters);
  return result === undefined
    ? inXml(noStack(parameters.get("StackName")), 400)
    : inXml(envelope(action, result));
}

/** The other two. @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
function answerJson(state: State, target: string, asked: { SecretId?: string; Name?: string }): Response {
  const action = target.replace("AmazonSSM", "ssm").replace(".", ":");
  state.actions.push(action);
  const refusal = (name: string) => {
    const message = `User: arn:aws:iam::1:user/me is not authorized to perform: ${action} on resource: x`;
    return Response.json({ __type: name, message }, { status: 400 });
  };
  if (state.denied.has(action)) return refusal("AccessDeniedException");
  if (action === "ssm:GetParameter") {
    const { bootstrap: Value } = state;
    state.parameters.push(asked.Name ?? "");
    return Value === undefined ? refusal("ParameterNotFound") : Response.json({ Parameter: { Value } });
  }
  const { SecretId = "" } = asked;
  const name = SecretId.replace(/^arn:.*:secret:/, "");
  const value = state.secrets[name];
  const describes = action === "secretsmanager:DescribeSecret";
  const isThere = describes ? Object.hasOwn(state.secrets, name) : value !== undefined;
  if (!isThere) return refusal("ResourceNotFoundException");
  const versions = value === undefined ? {} : { v1: ["AWSCURRENT"] };
  return Response.json(describes ? { Name: name, VersionIdsToStages: versions } : { SecretString: value });
}

const inXml = (text: string, status = 200) =>
  new Response(text, { status, headers: { "content-type": "text/xml" } });

const envelope = (action: string, result: string) =>
  `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
const identity = (account: string) =>
  `<Arn>arn:aws:iam::${account}:user/me</Arn><UserId>AIDA</UserId><Account>${account}</Account>`;
const SESSION =
  "<Credentials><AccessKeyId>x</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>";
/** CDK compares the message. */
const noStack = (name: string | null) =>
  `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
