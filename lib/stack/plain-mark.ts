/** The metadata of a function in the template that is no Restate service, but that the local platform hosts too. */
export const PLAIN_FUNCTION = "fanout:plain-function";
