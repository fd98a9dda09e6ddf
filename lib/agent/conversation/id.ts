import { TerminalError } from "@restatedev/restate-sdk/lambda";

/** A conversation's id. Archives have a space in theirs, so nobody reaches one from outside. */
const ID = /^[^\s\p{C}]{1,200}$/u;

/** @throws TerminalError 400 */
export function refuseBadId(id: string, field = "id"): void {
  if (!ID.test(id))
    throw new TerminalError(`${field}: expected 1 to 200 characters without spaces`, { errorCode: 400 });
}

/** The object that keeps older messages. @param of something that no other archive of the conversation has. */
export const archiveKey = (conversation: string, of: string): string => `${conversation} ${of}`;
