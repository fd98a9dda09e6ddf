import { join } from "node:path";
import { functionArn, type LambdaHost, type Spec } from "../../lib/lambda-host/index.ts";
import type { CloudFormation } from "./cloud-formation.ts";
import { type Properties, type Provider, ResourceError } from "./cloud-formation-stack.ts";

interface Options {
  lambda: LambdaHost;
  /** The cloud assembly with the functions' code. */
  outdir(): string;
  /** Changes what a function is made of, for this machine. */
  adapt(spec: Spec): Spec;
}

interface FunctionState {
  spec: Spec;
  /** All that makes `$LATEST` another one to Lambda. */
  content: string;
  published?: { version: string; content: string };
}

/**
 * Functions and versions, in the Lambda host. Lambda publishes no version if nothing has changed since the last one, and
 * returns that; CloudFormation then refuses it, because it is another resource's.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export class LambdaResources {
  readonly #options: Options;
  readonly #functions = new Map<string, FunctionState>();

  constructor(options: Options) {
    this.#options = options;
  }

  readonly functions: Provider = {
    create: async (_logicalId, properties) => this.#put(properties),
    update: async (_logicalId, _physical, properties) => this.#put(properties),
    delete: async (_logicalId, { id }) => {
      const { lambda } = this.#options;
      this.#functions.delete(id);
      lambda.remove(new Set(lambda.versions().filter((arn) => arn.startsWith(`${functionArn(id)}:`))));
    },
  };

  readonly versions: Provider = {
    create: async (_logicalId, properties) => this.#publish(properties),
    // All of its properties can only be replaced:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
    update: async (_logicalId, _physical, properties) => this.#publish(properties),
    delete: async (_logicalId, { id }) => {
      this.#options.lambda.remove(new Set([id]));
      for (const state of this.#functions.values())
        if (id === functionArn(state.spec.name, state.published?.version ?? "")) delete state.published;
    },
  };

  /** What `$LATEST` of a function is made of. */
  latest(name: string): Spec | undefined {
    return this.#functions.get(name)?.spec;
  }

  #put(properties: Properties) {
    const { lambda, outdir, adapt } = this.#options;
    const {
      Code,
      Handler,
      MemorySize,
      Timeout,
      Environment,
      Description,
      FunctionName,
      ReservedConcurrentExecutions,
    } = properties as unknown as FunctionProperties;
    const environment = Environment?.Variables ?? {};
    const codeDir = join(outdir(), `asset.${Code.S3Key.replace(".zip", "")}`);
    const spec = adapt({
      name: FunctionName,
      codeDir,
      handler: Handler,
      memoryMb: MemorySize ?? 128,
      timeoutSeconds: Timeout ?? 3,
      environment,
      ...(ReservedConcurrentExecutions && { reservedConcurrency: ReservedConcurrentExecutions }),
    });
    const content = JSON.stringify([Code.S3Key, Handler, MemorySize, Timeout, environment, Description]);
    this.#functions.set(FunctionName, { ...this.#functions.get(FunctionName), spec, content });
    // CloudFormation invokes what works for it without a version.
    if (FunctionName.startsWith("restate-")) lambda.publish(spec);
    return { id: FunctionName, attributes: { Arn: functionArn(FunctionName) } };
  }

  #publish({ FunctionName }: Properties) {
    const state = this.#functions.get(String(FunctionName)) as FunctionState;
    const { content, published, spec } = state;
    if (published?.content === content)
      throw new ResourceError(
        `A version for this Lambda function exists ( ${published.version} ). Modify the function to create a new version.`,
      );
    const version = this.#options.lambda.publish(spec);
    state.published = { version, content };
    return { id: functionArn(spec.name, version), attributes: { Version: version } };
  }
}

interface FunctionProperties {
  FunctionName: string;
  Code: { S3Key: string };
  Handler: string;
  MemorySize?: number;
  Timeout?: number;
  Environment?: { Variables: Record<string, string> };
  Description?: string;
  ReservedConcurrentExecutions?: number;
}

/** Resources of a type of the stack's own, by the function that the template names. */
export function customResources(cloudFormation: CloudFormation, lambdaUrl: string, type: string): Provider {
  let requests = 0;
  const send = async (
    RequestType: "Create" | "Update" | "Delete",
    LogicalResourceId: string,
    properties: Properties,
    more: object,
  ) => {
    const functionName = String(properties.ServiceToken).replace(/.*:/, "");
    const { Status, Reason, PhysicalResourceId, Data } = await cloudFormation.request(
      lambdaUrl,
      functionName,
      {
        RequestType,
        ResourceType: type,
        LogicalResourceId,
        RequestId: `${RequestType}-${LogicalResourceId}-${++requests}`,
        ResourceProperties: texts(properties),
        ...more,
      },
    );
    const physical = { id: PhysicalResourceId, attributes: Data ?? {} };
    if (Status === "FAILED") throw new ResourceError(Reason ?? "", physical);
    return physical;
  };
  return {
    updatesReplaced: true,
    create: (logicalId, properties) => send("Create", logicalId, properties, {}),
    update: (logicalId, { id: PhysicalResourceId }, properties, old) =>
      send("Update", logicalId, properties, { PhysicalResourceId, OldResourceProperties: texts(old) }),
    delete: async (logicalId, { id: PhysicalResourceId }, properties) => {
      await send("Delete", logicalId, properties, { PhysicalResourceId });
    },
  };
}

/** CloudFormation turns every number and truth value into text. */
const texts = (properties: Properties): Properties =>
  JSON.parse(JSON.stringify(properties), (_name, value) =>
    typeof value === "number" || typeof value === "boolean" ? String(value) : value,
  );
