import { cleanMessage } from "../runtime/index.ts";
import { inWords } from "./aws-error.ts";
import { type Finding, problem } from "./finding.ts";

/** Does something that a check depends on. @returns its value, or what it throws as a finding. */
export async function attempt<T>(
  check: string,
  work: () => Promise<T>,
): Promise<{ value: T } | { finding: Finding }> {
  try {
    return { value: await work() };
  } catch (error) {
    // Wrong settings are listed one per line.
    const text = error instanceof TypeError ? error.message : cleanMessage(inWords(error));
    return { finding: problem(check, text) };
  }
}
