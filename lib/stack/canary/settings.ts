/** The function's environment variables. */
export const SETTINGS = {
  ingressUrl: "RESTATE_INGRESS_URL",
  /** The secret's name; empty where Restate wants no key. */
  apiKeySecret: "RESTATE_API_KEY_SECRET",
  agent: "CANARY_AGENT",
  message: "CANARY_MESSAGE",
} as const;
