import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { functionRole } from "./function-role.ts";
import type { RestateFunction } from "./restate-function.ts";

interface ProvisionedConcurrencyProps {
  /** The name of the function that changes the setting for CloudFormation. */
  functionName: string;
  logGroup: LogGroup;
}

/**
 * Keeps environments of the newest versions warm. CloudFormation's own property of a version would leave the setting on
 * every retained version, and all of them would be billed. This setting is removed from the old version after a deployment.
 */
export class ProvisionedConcurrency extends Construct {
  readonly #props: ProvisionedConcurrencyProps;
  readonly #role;

  constructor(scope: Construct, id: string, props: ProvisionedConcurrencyProps) {
    super(scope, id);
    this.#props = props;
    this.#role = functionRole(this, props.logGroup);
  }

  /** Keeps as many environments of a function's newest version warm as its scaling says. */
  keepWarm({ service, fn, version, scaling }: RestateFunction): void {
    const versions = `${fn.functionArn}:*`;
    const ofVersion = { FunctionName: fn.functionName, Qualifier: version.version };
    const put = {
      service: "Lambda",
      action: "PutProvisionedConcurrencyConfig",
      parameters: { ...ofVersion, ProvisionedConcurrentExecutions: scaling.provisioned },
      // A new version has a new id, so CloudFormation deletes the old version's setting when everything else is done.
      physicalResourceId: PhysicalResourceId.of(version.functionArn),
    };
    const setting = new AwsCustomResource(this, service, {
      resourceType: "Custom::ProvisionedConcurrency",
      functionName: this.#props.functionName,
      logGroup: this.#props.logGroup,
      role: this.#role,
      timeout: Duration.minutes(2),
      installLatestAwsSdk: false,
      onCreate: put,
      onUpdate: put,
      onDelete: {
        service: "Lambda",
        action: "DeleteProvisionedConcurrencyConfig",
        parameters: ofVersion,
        // Pruning the version has removed its setting.
        ignoreErrorCodesMatching: "ResourceNotFoundException",
      },
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          actions: ["lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig"],
          resources: [versions],
        }),
      ]),
    });
    acknowledgeWildcard(
      setting,
      versions,
      "The setting is put on the newest version of this one function and removed from the one before; their numbers are not known.",
    );
  }
}
