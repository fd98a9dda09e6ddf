import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";

/** CloudFormation's request to a custom resource's function. */
export interface Request {
  RequestType: "Create" | "Update" | "Delete";
  ResourceType: string;
  LogicalResourceId: string;
  /** Default: the type, and `-1`. */
  RequestId?: string;
  /** What the function answered to Create. */
  PhysicalResourceId?: string;
  ResourceProperties: object;
  OldResourceProperties?: object;
}

/** What the function answers. */
export interface Answer {
  Status: "SUCCESS" | "FAILED";
  Reason?: string;
  /** CloudFormation deletes the resource of the old id when an update changes it. */
  PhysicalResourceId: string;
  RequestId: string;
  Data?: Record<string, string>;
}

/** The part of CloudFormation that drives custom resources, with the address for answers on loopback. */
export interface CloudFormation {
  /** Where answers go. */
  url: string;
  /** Invokes the function. @returns its answer. @throws Error unless there is exactly one. */
  request(lambdaUrl: string, functionName: string, request: Request): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startCloudFormation(): Promise<CloudFormation> {
  const answers: Answer[] = [];
  const app = new Hono().put("/answer", async (c) => {
    answers.push(await c.req.json());
    return c.body(null, 200);
  });
  const server = await serveOnLoopback(app);
  const url = `${server.url}/answer`;
  const clients = new Map<string, LambdaClient>();
  const clientOf = (endpoint: string) => {
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = clients.get(endpoint) ?? new LambdaClient({ endpoint, region: "us-east-1", credentials });
    clients.set(endpoint, client);
    return client;
  };
  return {
    url,
    async request(endpoint, functionName, request) {
      answers.length = 0;
      const event = {
        ResponseURL: url,
        StackId: "arn:aws:cloudformation:us-east-1:000000000000:stack/fanout-dev/1",
        RequestId: `${request.RequestType}-1`,
        ...request,
      };
      const { FunctionError, Payload } = await clientOf(endpoint).send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
      );
      const [answer, ...more] = answers;
      if (FunctionError || answer === undefined || more.length > 0)
        throw new Error(`expected one answer, got ${answers.length}; ${Payload?.transformToString()}`);
      return answer;
    },
    stop() {
      for (const client of clients.values()) client.destroy();
      return server.stop();
    },
  };
}
