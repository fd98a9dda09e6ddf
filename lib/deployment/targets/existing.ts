import { text, url } from "../setting.ts";
import { apiKeySecret, defineTarget } from "./target.ts";

/** A Restate that already runs. */
export interface ExistingTarget {
  kind: "existing";
  adminUrl: string;
  ingressUrl: string;
  /** The name of the Secrets Manager secret that holds the plain API key. */
  apiKeySecret: string;
  /** The same of a key for the ingress alone, for agents that tell what a model writes. Default: they do not. */
  ingressKeySecret: string | undefined;
  /** The role, in the stack's account, with which Restate invokes functions. */
  invokerRoleArn: string;
}

export const existing = defineTarget({
  settings: {
    RESTATE_ADMIN_URL: url("https://restate.example.com:9070"),
    RESTATE_INGRESS_URL: url("https://restate.example.com:8080"),
    RESTATE_API_KEY_SECRET: apiKeySecret,
    RESTATE_INGRESS_KEY_SECRET: apiKeySecret.optional(),
    RESTATE_INVOKER_ROLE_ARN: text(
      /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/,
      "a role's ARN, such as arn:aws:iam::123456789012:role/restate-invoker",
    ),
  },
  read: (values): ExistingTarget => ({
    kind: "existing",
    adminUrl: values.RESTATE_ADMIN_URL,
    ingressUrl: values.RESTATE_INGRESS_URL,
    apiKeySecret: values.RESTATE_API_KEY_SECRET,
    ingressKeySecret: values.RESTATE_INGRESS_KEY_SECRET,
    invokerRoleArn: values.RESTATE_INVOKER_ROLE_ARN,
  }),
  urls: ({ adminUrl, ingressUrl }) => ({ adminUrl, ingressUrl }),
});
