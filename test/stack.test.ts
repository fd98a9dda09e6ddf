import { Match, type Template } from "aws-cdk-lib/assertions";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { featureFlags } from "../lib/stack/feature-flags.ts";
import { defineTool } from "../lib/tool/index.ts";
import {
  configFor,
  deployedTargets,
  inOnePiece,
  type Resource,
  resources,
  type Synthesis,
  schemas,
  startSynthesis,
  targets,
} from "./support/stack.ts";

const REGISTRATION = "Custom::RestateServiceDeployment";
/** Synthesising many functions takes seconds on a busy machine. */
const SYNTH_MS = 60_000;
const SERVICES = ["RunEvents", "TestAgent", "plain", "tuned"];

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

const fail = (): never => {
  throw new Error("there is none");
};
const functions = (template: Template) => Object.values(resources(template, "AWS::Lambda::Function"));
const registrations = (template: Template) => Object.entries(resources(template, REGISTRATION));
const byService = (template: Template, property: string) =>
  Object.fromEntries(
    registrations(template).map(([, { Properties }]) => [Properties.servicePath, Properties[property]]),
  );
/** The limits that Restate gets, without what they depend on. */
const limitsIn = (rules: Resource | undefined) =>
  (JSON.parse(rules?.Properties.limits) as { version: string }[]).map(({ version: _, ...limit }) => limit);
/** Everything that a resource waits for, directly or through others. */
function waitsFor(template: Template, logicalId: string): Set<string> {
  const all = template.toJSON().Resources as Record<string, Resource>;
  const seen = new Set<string>();
  const visit = (id: string) => {
    for (const next of all[id]?.DependsOn ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(logicalId);
  return seen;
}

describe.each(Object.keys(targets) as (keyof typeof targets)[])("for the target %s", (target) => {
  const config = configFor(target);
  let template: Template;
  beforeAll(() => {
    template = synthesis.checkedTemplate(config);
  }, SYNTH_MS);

  test("there is one function and one registration for each tool, each agent and the events", () => {
    for (const service of SERVICES) {
      const named = functions(template).filter(
        ({ Properties }) => Properties.FunctionName === `${config.name}-${service}`,
      );
      expect(named).toHaveLength(1);
    }
    expect(Object.keys(byService(template, "private")).sort()).toEqual(SERVICES);
  });

  test("functions run Node 24 on ARM64 as ESM bundles, with JSON logs from info up, kept for a week", () => {
    for (const service of SERVICES) {
      template.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: `${config.name}-${service}`,
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
        LoggingConfig: {
          LogFormat: "JSON",
          ApplicationLogLevel: "INFO",
          SystemLogLevel: "INFO",
          LogGroup: Match.anyValue(),
        },
      });
    }
    const logs = Object.values(resources(template, "AWS::Logs::LogGroup"));
    expect(logs.length).toBeGreaterThan(SERVICES.length);
    for (const log of logs) {
      expect(log).toMatchObject({ DeletionPolicy: "Delete", Properties: { RetentionInDays: 7 } });
    }
  });

  test("a contract's scaling, timeout and environment become the function's", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: `${config.name}-tuned`,
      MemorySize: 256,
      ReservedConcurrentExecutions: 7,
      Timeout: 115,
      Environment: { Variables: Match.objectLike({ BASE_URL: "https://api.example" }) },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: `${config.name}-plain`,
      MemorySize: 512,
      Timeout: 45,
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test("tools are private, agents and events public", () => {
    expect(byService(template, "private")).toEqual({
      plain: "true",
      tuned: "true",
      RunEvents: "false",
      TestAgent: "false",
    });
  });

  test("registrations replace drained ones beyond a history, make a rolled back version live again, and go with the stack", () => {
    for (const [, { Properties }] of registrations(template)) {
      expect(Properties).toMatchObject({
        pruneDrainedDeployments: "true",
        revisionHistoryLimit: 5,
        removalPolicy: "destroy",
        force: "true",
        breaking: "false",
      });
    }
  });

  test("every registration waits for the deployer and all policies, and an agent's for all others'", () => {
    const all = registrations(template);
    const deployer = Object.entries(resources(template, "AWS::Lambda::Function"))
      .filter(([, { Properties }]) => Properties.FunctionName.startsWith("restate-registration-"))
      .map(([id]) => id);
    expect(deployer).toHaveLength(1);
    const policies = Object.entries(resources(template, "AWS::IAM::Policy"))
      .filter(([, { Properties }]) => /InvokeFunction|restate.api-key/.test(JSON.stringify(Properties)))
      .filter(([id]) => id.startsWith("Registrations"))
      .map(([id]) => id);
    expect(policies.length).toBeGreaterThanOrEqual(target === "local" ? 0 : 1);
    for (const [id] of all) {
      expect([...waitsFor(template, id)]).toEqual(expect.arrayContaining([...deployer, ...policies]));
    }
    const isAgent = ([, { Properties }]: [string, Resource]) => Properties.servicePath === "TestAgent";
    const others = all.filter((one) => !isAgent(one)).map(([id]) => id);
    expect(others).toHaveLength(3);
    for (const [id] of all.filter(isAgent)) {
      expect([...waitsFor(template, id)]).toEqual(expect.arrayContaining(others));
    }
  });

  test("versions outlive the deployment that replaces them", () => {
    const versions = Object.values(resources(template, "AWS::Lambda::Version"));
    expect(versions).toHaveLength(SERVICES.length);
    for (const version of versions) expect(version.DeletionPolicy).toBe("Retain");
  });

  test("every function has a role of its own", () => {
    const roles = functions(template).map(({ Properties }) => JSON.stringify(Properties.Role));
    expect(new Set(roles).size).toBe(roles.length);
  });

  test("beside versions, which go with their function, nothing is kept when the stack goes", () => {
    const kept = Object.values(template.toJSON().Resources as Record<string, Resource>).filter(
      ({ DeletionPolicy, Type }) =>
        (DeletionPolicy ?? "Delete") !== "Delete" && Type !== "AWS::Lambda::Version",
    );
    expect(kept).toEqual([]);
  });
});

describe("what differs between the targets", () => {
  test("Restate Cloud is reached at its environment, with the key by its name, through a role that only it can assume", () => {
    const template = synthesis.template(configFor("cloud"));
    for (const [, { Properties }] of registrations(template)) {
      expect(Properties.adminUrl).toBe("https://123abc.env.eu.restate.cloud:9070");
      expect(inOnePiece(Properties.authTokenSecretArn)).toContain("secret:restate/api-key");
    }
    template.hasResourceProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Condition: { StringEquals: Match.objectLike({ "sts:ExternalId": "env_123abc" }) },
          }),
        ]),
      }),
    });
    template.hasOutput("IngressUrl", { Value: "https://123abc.env.eu.restate.cloud" });
  });

  test("an existing Restate invokes with the role that is given, which gets the permission", () => {
    const template = synthesis.template(configFor("existing"));
    const { RESTATE_ADMIN_URL, RESTATE_INVOKER_ROLE_ARN } = deployedTargets.existing;
    expect(new Set(Object.values(byService(template, "adminUrl")))).toEqual(new Set([RESTATE_ADMIN_URL]));
    expect(new Set(Object.values(byService(template, "invokeRoleArn")))).toEqual(
      new Set([RESTATE_INVOKER_ROLE_ARN]),
    );
    template.hasResourceProperties("AWS::IAM::Policy", {
      Roles: ["restate"],
      PolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Action: "lambda:InvokeFunction" })],
      }),
    });
  });

  test("a server of the stack's own is in a private network, encrypted, and registered with from inside", () => {
    const template = synthesis.template(configFor("self-hosted"));
    template.hasResourceProperties("AWS::EC2::Instance", {
      BlockDeviceMappings: [{ Ebs: Match.objectLike({ Encrypted: true, DeleteOnTermination: true }) }],
    });
    for (const { Properties } of Object.values(resources(template, "AWS::EC2::SecurityGroup"))) {
      expect(JSON.stringify(Properties.SecurityGroupIngress ?? [])).not.toContain("0.0.0.0/0");
    }
    for (const { Properties } of functions(template)) {
      const works = /^restate-(registration|admin)-/.test(Properties.FunctionName);
      expect(Properties.VpcConfig !== undefined).toBe(works);
    }
    const server = JSON.stringify(Object.values(resources(template, "AWS::EC2::Instance")));
    expect(server).toMatch(/RESTATE_DISABLE_TELEMETRY=.{1,3}true/);
    const [instance] = Object.keys(resources(template, "AWS::EC2::Instance"));
    for (const [id] of registrations(template)) expect(waitsFor(template, id)).toContain(instance);
  });

  test("the laptop's template declares secrets as empty variables, for the Lambda host to fill in", () => {
    const template = synthesis.template(configFor("local"));
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-tuned",
      Environment: { Variables: { BASE_URL: "https://api.example", API_KEY: "", RESTATE_SCOPES: "off" } },
      Layers: Match.absent(),
    });
    template.hasResourceProperties("AWS::Lambda::Version", {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
    template.resourceCountIs("Custom::RestateConcurrencyRules", 0);
  });
});

describe.each(Object.keys(deployedTargets) as (keyof typeof deployedTargets)[])(
  "deployed to %s",
  (target) => {
    const config = configFor(target);

    test("the contracts' limits are Restate's rules, and every function learns whether it has them", () => {
      const template = synthesis.template(config);
      const [[id, rules] = []] = Object.entries(resources(template, "Custom::RestateConcurrencyRules"));
      expect(limitsIn(rules)).toEqual([
        { scope: "plain" },
        { scope: "tuned", concurrency: 7 },
        { scope: "TestAgent" },
      ]);
      for (const service of SERVICES.filter((name) => name !== "RunEvents")) {
        template.hasResourceProperties("AWS::Lambda::Function", {
          FunctionName: `fanout-dev-${service}`,
          Environment: {
            Variables: Match.objectLike({ RESTATE_SCOPES: { "Fn::GetAtt": [id, "Scopes"] } }),
          },
        });
      }
    });

    test("each function has a resource that unregisters all of its versions when it goes, before its registration does", () => {
      const template = synthesis.template(config);
      const removals = Object.entries(resources(template, "Custom::RestateService"));
      expect(removals.map(([, { Properties }]) => Properties.service).sort()).toEqual(SERVICES);
      const named = resources(template, "AWS::Lambda::Function");
      for (const [id, { Properties }] of removals) {
        const { service, functionArn } = Properties;
        const [logicalId = ""] = /\w+/.exec(inOnePiece(functionArn) as string) ?? [];
        expect(named[logicalId]?.Properties.FunctionName).toBe(`${config.name}-${service}`);
        const [[registration] = fail()] = registrations(template).filter(
          ([, one]) => one.Properties.servicePath === service,
        );
        // CloudFormation deletes what waits for another first.
        expect(waitsFor(template, id)).toContain(registration);
      }
    });

    test("a version has the revision that its function has, and both change with the function and with flow control", () => {
      const template = synthesis.template(config);
      const [[rules] = []] = Object.entries(resources(template, "Custom::RestateConcurrencyRules"));
      const versions = Object.entries(resources(template, "AWS::Lambda::Version"));
      const revisions = Object.entries(resources(template, "Custom::FunctionRevision"));
      const functionById = resources(template, "AWS::Lambda::Function");
      expect(revisions).toHaveLength(SERVICES.length);
      for (const [versionId, { Properties }] of versions) {
        const [id = "", revision] =
          revisions.find(([, one]) => one.Properties.version === versionId) ?? fail();
        expect(revision.Properties.scopes).toEqual({ "Fn::GetAtt": [rules, "Scopes"] });
        const said = `<${id}.Revision>, flow control <${rules}.Scopes>`;
        expect(inOnePiece(Properties.Description)).toBe(said);
        const description = functionById[Properties.FunctionName.Ref]?.Properties.Description;
        expect(inOnePiece(description)).toMatch(new RegExp(`^Fanout( tool| agent)?: .* \\(${said}\\)$`));
      }
    });

    test("a description leaves room for the revision", () => {
      const long = defineTool({ name: "long", description: "word ".repeat(100).trim(), ...schemas });
      const template = synthesis.template(config, { tools: [long] });
      const [found] = functions(template).filter(({ Properties }) => /-long$/.test(Properties.FunctionName));
      const revision = new Date().toISOString();
      const description = (inOnePiece(found?.Properties.Description) as string)
        .replace(/<.*Revision>/, revision)
        .replace(/<.*>/, "off");
      expect(description).toMatch(/^Fanout tool: word/);
      expect(description.length).toBeLessThanOrEqual(256);
    });

    test("provisioned concurrency follows the newest version, and stays on no older one", () => {
      const template = synthesis.template(config);
      for (const { Properties } of Object.values(resources(template, "AWS::Lambda::Version"))) {
        expect(Properties.ProvisionedConcurrencyConfig).toBeUndefined();
      }
      const [setting, ...others] = Object.values(resources(template, "Custom::ProvisionedConcurrency"));
      expect(others).toEqual([]);
      const [version] = Object.keys(resources(template, "AWS::Lambda::Version")).filter((id) =>
        id.startsWith("tuned"),
      );
      const create = JSON.parse(inOnePiece(setting?.Properties.Create) as string);
      expect(create).toMatchObject({
        action: "PutProvisionedConcurrencyConfig",
        parameters: { Qualifier: `<${version}.Version>`, ProvisionedConcurrentExecutions: 2 },
        physicalResourceId: { id: `<${version}>` },
      });
      expect(JSON.parse(inOnePiece(setting?.Properties.Delete) as string)).toMatchObject({
        action: "DeleteProvisionedConcurrencyConfig",
        parameters: { Qualifier: `<${version}.Version>` },
      });
    });

    test("a secret is fetched by name at run time: only its reader's role may, and no value is in the template", () => {
      const template = synthesis.template(config);
      template.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: "fanout-dev-tuned",
        Environment: {
          Variables: Match.objectLike({ API_KEY: Match.absent(), SECRETS_PREFIX: "fanout-dev/" }),
        },
        Layers: Match.anyValue(),
      });
      template.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: "fanout-dev-plain",
        Layers: Match.absent(),
      });
      const readers = Object.values(resources(template, "AWS::IAM::Policy"))
        .filter(({ Properties }) => JSON.stringify(Properties).includes("fanout-dev/API_KEY"))
        .map(({ Properties }) => Properties.Roles);
      expect(readers).toEqual([[expect.objectContaining({ Ref: expect.stringMatching(/^tunedRole/) })]]);
    });

    test(
      "more than forty functions fit: the invoker's permission is one statement, however many there are",
      () => {
        const tools = Array.from({ length: 50 }, (_, index) =>
          defineTool({ name: `tool_${index}`, description: "One of many.", ...schemas }),
        );
        const template = synthesis.template(config, { tools });
        expect(registrations(template)).toHaveLength(52);
        const invoking = Object.values(resources(template, "AWS::IAM::Policy")).filter(({ Properties }) =>
          JSON.stringify(Properties).includes("lambda:InvokeFunction"),
        );
        expect(invoking.map(({ Properties }) => Properties.PolicyDocument.Statement)).toEqual([
          [expect.anything()],
        ]);
        // CloudFormation takes 500 resources, and a template of 1 MB.
        expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(500);
      },
      SYNTH_MS,
    );
  },
);

test("there is a value for every feature flag that CDK knows, so that a newer CDK changes none of them by itself", () => {
  expect(Object.keys(recommendedFlags).filter((flag) => !(flag in featureFlags))).toEqual([]);
});

describe("a stage", () => {
  test("changes every name, so that two of them fit into one account", () => {
    const names = (stage: string) =>
      functions(synthesis.template(configFor("cloud", { FANOUT_STAGE: stage }))).map(
        ({ Properties }) => Properties.FunctionName as string,
      );
    expect(names("dev").filter((name) => names("prod").includes(name))).toEqual([]);
    for (const name of names("prod")) expect(name).toContain("fanout-prod");
  });

  test("prod keeps its logs for three months and beyond the stack, and a self-hosted server's data", () => {
    const template = synthesis.template(configFor("self-hosted", { FANOUT_STAGE: "prod" }));
    for (const log of Object.values(resources(template, "AWS::Logs::LogGroup"))) {
      expect(log).toMatchObject({ DeletionPolicy: "Retain", Properties: { RetentionInDays: 90 } });
    }
    template.hasResourceProperties("AWS::EC2::Instance", {
      BlockDeviceMappings: [{ Ebs: Match.objectLike({ DeleteOnTermination: false }) }],
    });
  });

  test("protects the stack of prod, and no other, from being deleted by mistake", () => {
    const isProtected = (stage: string) =>
      synthesis.stack(configFor("cloud", { FANOUT_STAGE: stage })).terminationProtection;
    expect([isProtected("dev"), isProtected("prod")]).toEqual([false, true]);
  });

  test("replaces a contract's scaling field by field, at Lambda and at Restate", () => {
    const overrides = {
      tuned: { memoryMb: 1024, maxConcurrency: 50, timeoutSeconds: 120 },
      plain: { maxConcurrency: 3 },
    };
    const template = synthesis.template(configFor("cloud"), { scaling: { dev: overrides, prod: {} } });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-dev-tuned",
      MemorySize: 1024,
      ReservedConcurrentExecutions: 50,
      Timeout: 120,
    });
    const [rules] = Object.values(resources(template, "Custom::RestateConcurrencyRules"));
    expect(limitsIn(rules)).toEqual([
      { scope: "plain", concurrency: 3 },
      { scope: "tuned", concurrency: 50 },
      { scope: "TestAgent" },
    ]);
  });

  test.each([
    [{ timeoutSeconds: 100 }, /tuned: timeoutSeconds should be above 100.* below 160.*it is 100/],
    [{ timeoutSeconds: 160 }, /tuned: timeoutSeconds should be above 100.* below 160.*it is 160/],
    [
      { provisioned: 4 },
      /tuned: maxConcurrency should be at least twice provisioned.*it is 7.*provisioned is 4/,
    ],
  ])("cannot replace it by %o", (override, message) => {
    expect(() =>
      synthesis.template(configFor("cloud"), { scaling: { dev: { tuned: override }, prod: {} } }),
    ).toThrow(message);
  });
});
