import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Match } from "aws-cdk-lib/assertions";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { SecurityGroup, Subnet, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { LayerVersion } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, configFor, plain, type Synthesis, startSynthesis, tuned } from "../../test/support/stack.ts";
import { defineInfra, type InfraContext, type InfraDefinition, readInfra } from "./infra.ts";

let synthesis: Synthesis;
let folder: string;
beforeAll(() => {
  synthesis = startSynthesis();
  folder = mkdtempSync(join(tmpdir(), "fanout-infra-"));
});
afterAll(() => {
  synthesis?.remove();
  rmSync(folder, { recursive: true });
});

const withInfra = (name: string, definition: InfraDefinition, target: "cloud" | "local" = "cloud") =>
  synthesis.template(configFor(target), {
    infra: new Map([[name, definition]]),
    setting: (setting) => `value of ${setting}`,
  });
const functionOf = (name: string, properties: object) => ({
  FunctionName: `fanout-dev-${name}`,
  ...properties,
});

test("a function is in a network, with the permissions for that and no others", () => {
  const template = withInfra(
    "plain",
    defineInfra(({ scope }) => ({
      vpc: Vpc.fromVpcAttributes(scope, "Vpc", { vpcId: "vpc-12345678", availabilityZones: ["a"] }),
      vpcSubnets: {
        subnets: [
          Subnet.fromSubnetAttributes(scope, "S", {
            subnetId: "subnet-12345678",
            routeTableId: "rtb-12345678",
          }),
        ],
      },
      securityGroups: [SecurityGroup.fromSecurityGroupId(scope, "G", "sg-12345678")],
    })),
  );
  template.hasResourceProperties(
    "AWS::Lambda::Function",
    functionOf("plain", { VpcConfig: { SubnetIds: ["subnet-12345678"], SecurityGroupIds: ["sg-12345678"] } }),
  );
  const inNetwork = {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: Match.arrayWith(["ec2:CreateNetworkInterface"]) }),
      ]),
    },
  };
  template.resourcePropertiesCountIs("AWS::IAM::Policy", inNetwork, 1);
});

test("a function has what else is declared for it, and the others do not", () => {
  const template = withInfra(
    "tuned",
    defineInfra(({ scope, setting, stage, tier, project }) => ({
      environment: { BASE_URL: `${setting("API")} of ${project}-${stage}, ${tier}` },
      environmentKey: new Key(scope, "Key"),
      layers: [
        LayerVersion.fromLayerVersionArn(scope, "L", "arn:aws:lambda:eu-west-1:123456789012:layer:otel:1"),
      ],
      ephemeralStorageMb: 2048,
      logRetention: RetentionDays.ONE_YEAR,
    })),
  );
  template.hasResourceProperties(
    "AWS::Lambda::Function",
    functionOf("tuned", {
      Environment: { Variables: Match.objectLike({ BASE_URL: "value of API of fanout-dev, dev" }) },
      EphemeralStorage: { Size: 2048 },
      KmsKeyArn: Match.anyValue(),
      Layers: Match.arrayWith(["arn:aws:lambda:eu-west-1:123456789012:layer:otel:1"]),
    }),
  );
  template.resourcePropertiesCountIs("AWS::Logs::LogGroup", { RetentionInDays: 365 }, 1);
  template.resourcePropertiesCountIs("AWS::Lambda::Function", { EphemeralStorage: Match.anyValue() }, 1);
});

test("an agent's function may do what it is granted", () => {
  const template = withInfra(
    "TestAgent",
    defineInfra(({ scope }) => {
      const table = Table.fromTableArn(scope, "T", "arn:aws:dynamodb:eu-west-1:123456789012:table/notes");
      return { grant: (fn) => void table.grantReadData(fn) };
    }),
  );
  const reads = {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(["dynamodb:GetItem"]) })]),
    },
  };
  template.resourcePropertiesCountIs("AWS::IAM::Policy", reads, 1);
});

test("a function runs on the processor that its code is for, the others on ARM", () => {
  const template = withInfra(
    "tuned",
    defineInfra(() => ({}), { architecture: "x64" }),
  );
  template.hasResourceProperties("AWS::Lambda::Function", functionOf("tuned", { Architectures: ["x86_64"] }));
  template.hasResourceProperties("AWS::Lambda::Function", functionOf("plain", { Architectures: ["arm64"] }));
});

test("a laptop does without it", () => {
  const make = (): never => {
    throw new Error("not here");
  };
  expect(() => withInfra("plain", defineInfra(make), "local")).not.toThrow();
});

test("a variable that the contract does not declare is refused: the tool could not read it", () => {
  const infra = defineInfra(() => ({ environment: { TABLE: "notes" } }));
  expect(() => withInfra("tuned", infra)).toThrow(
    "infra.ts of tuned: environment: expected variables that the contract declares in env (BASE_URL), got TABLE.",
  );
});

test("it is read from the folders of tools and agents; a file with something else is named", async () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "infra.ts"), text);
  };
  const kit = JSON.stringify(join(import.meta.dirname, "infra.ts"));
  const declared = `import { defineInfra } from ${kit};\nexport default defineInfra(() => ({}));`;
  write("tools/tuned", declared);
  write("agents/test-agent", declared);
  const roster = { functions: folder, tools: [plain, tuned], agents: [agent] };
  expect([...(await readInfra(roster)).keys()]).toEqual(["tuned", "TestAgent"]);
  write("tools/plain", "export default {};");
  await expect(readInfra(roster)).rejects.toThrow(
    /tools\/plain\/infra\.ts: expected export default defineInfra/,
  );
});

test("a scope of its own keeps the names of two functions' constructs apart", () => {
  const keyed = defineInfra(({ scope }: InfraContext) => ({ environmentKey: new Key(scope, "Key") }));
  const template = synthesis.template(configFor("cloud"), {
    infra: new Map([
      ["plain", keyed],
      ["tuned", keyed],
    ]),
  });
  template.resourceCountIs("AWS::KMS::Key", 2);
});
