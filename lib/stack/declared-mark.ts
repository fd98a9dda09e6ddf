/** The metadata of a function in a laptop's template that names what a person may have values for. */
export const DECLARED = "fanout:declared";

/** The names of a contract's environment variables and secrets. */
export interface Declared {
  env: readonly string[];
  secrets: readonly string[];
}
