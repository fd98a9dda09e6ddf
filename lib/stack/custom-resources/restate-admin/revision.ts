/**
 * One for each function: its attribute `Revision` is new whenever CloudFormation is about to change the function, and part of
 * its description. Lambda publishes no version of what it has published last, and CloudFormation then fails; so code that a
 * rolled back deployment has left a version of could not be deployed again.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export const REVISION = "Custom::FunctionRevision";

/** What a version depends on: CloudFormation asks for a new revision only if something of it changes. */
export interface Revision {
  /** Equal for deployments that do not change the function. */
  version: string;
  /** Whether Restate limits its calls: not known when CDK works out `version`. */
  scopes: string;
}

/** @returns the time, which no revision shares with an earlier one of the function. */
export const nextRevision = (): string => new Date().toISOString();
