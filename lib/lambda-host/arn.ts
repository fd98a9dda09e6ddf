/** Where everything local is, in an ARN's terms. */
export const LOCAL = { partition: "aws", region: "us-east-1", account: "000000000000" };

/** The ARN of a local function, qualified if a version is given. */
export function functionArn(name: string, version?: string): string {
  const arn = `arn:${LOCAL.partition}:lambda:${LOCAL.region}:${LOCAL.account}:function:${name}`;
  return version === undefined ? arn : `${arn}:${version}`;
}

interface FunctionReference {
  name: string;
  /** A version number or `$LATEST`; absent when the reference has none. */
  qualifier?: string;
  /** The reference names an account or a region that is not the local one. */
  foreign: boolean;
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, FunctionName: name, partial ARN or full ARN */
const REFERENCE =
  /^(?:arn:(?<partition>aws[a-z-]*):lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/** Reads the `FunctionName` of an Invoke request; undefined if it has none of the forms that AWS accepts. */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const parts = REFERENCE.exec(text)?.groups;
  if (!parts?.name) return undefined;
  const foreign =
    (parts.region ?? LOCAL.region) !== LOCAL.region || (parts.account ?? LOCAL.account) !== LOCAL.account;
  return { name: parts.name, foreign, ...(parts.qualifier && { qualifier: parts.qualifier }) };
}
