import type * as z from "zod";

/** Which calls of a tool wait until somebody approves them. A function gets the checked input, and is pure: replays ask it again. */
export type ApprovalPolicy<Input = unknown> =
  | "never"
  | "always"
  | { decide(input: Input): boolean }["decide"];

/** What is called: the part of a contract that an issued call needs. */
export interface Callee {
  /** The Restate service. */
  name: string;
  /** The object, where the service has many. */
  key?: string;
  /** The service's handler. Default `run`. */
  handler?: string | undefined;
  /** How long a call is waited for. */
  timeout: { seconds: number };
  /** Bytes that a result may take. */
  maxResultBytes: number;
  /** The schema of its input. */
  input?: z.ZodObject;
  /** Which calls wait for an approval. Default `"never"`. */
  approval?: ApprovalPolicy;
  /** How long one is waited for. */
  expires?: { seconds: number };
}
