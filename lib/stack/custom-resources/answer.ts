/** How long CloudFormation's own address may take to answer, in ms. */
const RESPOND_MS = 30_000;

/** An answer of more than 4096 bytes is refused, and hides the reason. In characters. */
const MAX_REASON = 1000;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface Request {
  RequestType: "Create" | "Update" | "Delete";
  ResourceType: string;
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  /** Absent in Create. */
  PhysicalResourceId?: string;
  ResourceProperties: object;
  OldResourceProperties?: object;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export interface Answer {
  Status: "SUCCESS" | "FAILED";
  Reason?: string;
  PhysicalResourceId: string;
  Data?: Record<string, string>;
}

/**
 * Sends CloudFormation what it waits for.
 * @throws Error if it does not arrive: that has to fail the invocation, so that Lambda repeats it.
 */
export async function answer(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: Request,
  content: Answer,
): Promise<void> {
  const { Reason } = content;
  const shown = Reason === undefined ? content : { ...content, Reason: Reason.slice(0, MAX_REASON) };
  const response = await fetch(ResponseURL, {
    method: "PUT",
    body: JSON.stringify({ ...shown, StackId, RequestId, LogicalResourceId }),
    signal: AbortSignal.timeout(RESPOND_MS),
  });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}`);
}

/** Logs what CloudFormation does not show. */
export function logFailure(event: string, error: unknown, more: object = {}): void {
  // biome-ignore lint/suspicious/noConsole: this is where a function's log is written.
  console.error({ event, ...more, text: (error as Error).message });
}
