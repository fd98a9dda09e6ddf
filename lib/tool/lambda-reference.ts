/** A Lambda function as a contract names it. */
export interface LambdaReference {
  name: string;
  /** A version or an alias; absent for the function as it was deployed last. */
  qualifier?: string;
  /** The ARN without its qualifier, where the reference is an ARN: only then may region and account be others'. */
  arn?: string;
  /** The ARN's region. */
  region?: string;
  /** The ARN's account: 12 digits. */
  account?: string;
}

/** The setting that says where Lambda's API is; empty for AWS's own. */
export const LAMBDA_ENDPOINT = "LAMBDA_ENDPOINT_URL";

/** The settings that say which deployment this is, for references that name its functions. */
export const DEPLOYMENT = { project: "FANOUT_NAME", stage: "FANOUT_STAGE" } as const;

/** A deployment as references name it. */
type DeploymentNames = Record<keyof typeof DEPLOYMENT, string>;

export const LAPTOP: DeploymentNames = { project: "fanout", stage: "dev" };

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, FunctionName and Qualifier */
const REFERENCE =
  /^(?<prefix>arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):(?<account>\d{12}):function:)?(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

/**
 * Reads a function's name or ARN, either with `:alias` or `:version`; undefined if the text is neither.
 * @param deployment what `{name}` and `{stage}` in the text stand for. Default: a laptop's.
 */
export function parseLambdaReference(
  text: string,
  { project, stage }: DeploymentNames = LAPTOP,
): LambdaReference | undefined {
  const { prefix, region, account, name, qualifier } =
    REFERENCE.exec(text.replaceAll("{name}", project).replaceAll("{stage}", stage))?.groups ?? {};
  if (name === undefined) return undefined;
  return {
    name,
    ...(qualifier !== undefined && { qualifier }),
    ...(prefix !== undefined && { arn: `${prefix}${name}` }),
    ...(region !== undefined && { region }),
    ...(account !== undefined && { account }),
  };
}
