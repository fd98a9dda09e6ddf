/** How the part of CloudFormation's API that CDK's command line uses answers, for one stack. */
export interface CloudFormationApi {
  /** @returns the answer's XML; undefined for what CloudFormation refuses because there is no such stack. */
  answer(action: string, parameters: URLSearchParams): string | undefined;
}

/** CloudFormation's statuses end so when nothing goes on any longer. */
export interface Deployed {
  status: string;
  outputs: Readonly<Record<string, string>>;
}

const CREATED = "<CreationTime>2026-01-01T00:00:00Z</CreationTime>";

/**
 * One stack, whose change sets do what the test says.
 * @param execute deploys what was announced.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
export function cloudFormationApi(name: string, execute: () => Promise<Deployed>): CloudFormationApi {
  const id = `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/1`;
  const named = `<StackId>${id}</StackId><StackName>${name}</StackName>`;
  let stack: Deployed | undefined;
  const deploy = async () => {
    stack = { status: "CREATE_IN_PROGRESS", outputs: {} };
    stack = await execute();
  };
  const answers: Record<string, () => string | undefined> = {
    CreateChangeSet() {
      stack ??= { status: "REVIEW_IN_PROGRESS", outputs: {} };
      return `<Id>${id}/changes</Id><StackId>${id}</StackId>`;
    },
    DescribeChangeSet: () =>
      `<ChangeSetId>${id}/changes</ChangeSetId>${named}<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member><Type>Resource</Type></member></Changes>`,
    ExecuteChangeSet() {
      void deploy();
      return "";
    },
    DescribeStackEvents: () => "<StackEvents/>",
    GetTemplate: () => (stack ? "<TemplateBody>{}</TemplateBody>" : undefined),
    DescribeStacks: () => {
      if (stack === undefined) return undefined;
      const outputs = Object.entries(stack.outputs).map(
        ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
      );
      return `<Stacks><member>${named}<StackStatus>${stack.status}</StackStatus>${CREATED}<Outputs>${outputs.join("")}</Outputs></member></Stacks>`;
    },
  };
  return {
    answer(action, parameters) {
      const asked = parameters.get("StackName") ?? "";
      return asked === name || asked === id ? answers[action]?.() : undefined;
    },
  };
}
