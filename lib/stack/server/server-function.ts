import { join } from "node:path";
import { CfnOutput, Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { SettingsError } from "../../deployment/index.ts";
import { INGRESS_KEY, INGRESS_URL } from "../../events/index.ts";
import { acknowledgeRule } from "../acknowledge.ts";
import { functionRole } from "../function-role.ts";
import { nodeFunction } from "../node-function.ts";
import type { LogSettings } from "../stage-settings.ts";
import type { RestateTarget } from "../targets/target.ts";
import { SERVER_BUNDLE } from "./entry.ts";
import { type ServerSettings, serverSettings } from "./settings.ts";

/** By how much the function outlives a stream: Restate is asked before one begins, and one that waits for a run lasts 30 s. */
const MARGIN = Duration.seconds(60);

interface ServerFunctionProps {
  settings: ServerSettings | undefined;
  restate: RestateTarget;
  /** The deployment's name. */
  name: string;
  /** The folder with the function's bundle. */
  bundleDir: string;
  logs: LogSettings;
}

/**
 * The routes of `fanout/server` on a function URL that streams its answers. It reads the key for Restate's ingress, and nothing else.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export class ServerFunction extends Construct {
  readonly service = SERVER_BUNDLE;
  readonly fn: lambda.Function;
  readonly logGroup: LogGroup;

  /** @throws SettingsError where there is no key for the ingress alone, or the ingress is in a network. */
  constructor(scope: Construct, id: string, props: ServerFunctionProps) {
    super(scope, id);
    const { auth, corsOrigins, ...sizes } = serverSettings(props.settings);
    this.logGroup = new LogGroup(this, "Logs", props.logs);
    this.fn = this.#function(props, sizes);
    const url = this.fn.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType[auth],
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
      ...(corsOrigins.length > 0 && { cors: corsFor(corsOrigins) }),
    });
    if (auth === "NONE") this.#explainAccess();
    new CfnOutput(scope, "ServerUrl", { value: url.url });
  }

  #function(
    { restate, name, bundleDir }: ServerFunctionProps,
    { maxConcurrency, memoryMb, streamSeconds }: Sizes,
  ): lambda.Function {
    const key = ingressKeyOf(restate);
    const fn = new lambda.Function(this, "Function", {
      ...nodeFunction(join(bundleDir, SERVER_BUNDLE)),
      // A name that began with the deployment's could be invoked by Restate.
      functionName: `server-${name}`,
      description: "Fanout: the routes by which users reach their runs",
      role: functionRole(this, this.logGroup),
      timeout: Duration.seconds(streamSeconds).plus(MARGIN),
      memorySize: memoryMb,
      reservedConcurrentExecutions: maxConcurrency,
      logGroup: this.logGroup,
      environment: { [INGRESS_URL]: restate.ingressUrl, [INGRESS_KEY]: key.secretName },
      paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
        lambda.ParamsAndSecretsVersions.V1_0_103,
      ),
    });
    key.grantRead(fn);
    return fn;
  }

  #explainAccess(): void {
    const reason = "Users have no AWS credentials. The project's own `authorize` decides who may do what.";
    acknowledgeRule(this, "lambda_function_url_auth_check", reason);
    acknowledgeRule(this, "lambda_function_public_access_prohibited_check", reason);
  }
}

type Sizes = Pick<Required<ServerSettings>, "maxConcurrency" | "memoryMb" | "streamSeconds">;

function ingressKeyOf({ ingressNetwork, ingressKey }: RestateTarget) {
  if (ingressNetwork)
    throw new SettingsError(
      "functions/server: expected a Restate whose ingress is reached from anywhere: in a network, such as the one of the target self-hosted, a function URL streams nothing. Serve the routes with createRoutes on a server of your own.",
    );
  if (ingressKey) return ingressKey;
  throw new SettingsError(
    `functions/server: expected ${INGRESS_KEY}, the name of a secret with a key for Restate's ingress alone; it is not set.`,
  );
}

/** What `connectToRoutes` sends and reads. Whoever asks shows a token: cookies stay with their site. */
const corsFor = (origins: readonly string[]): lambda.FunctionUrlCorsOptions => ({
  allowedOrigins: [...origins],
  allowedMethods: [lambda.HttpMethod.GET, lambda.HttpMethod.POST],
  allowedHeaders: ["authorization", "content-type", "idempotency-key", "last-event-id"],
  exposedHeaders: ["retry-after"],
  maxAge: Duration.hours(1),
});
