import * as z from "zod";
import { setting, text } from "../setting.ts";
import { apiKeySecret, defineTarget } from "./target.ts";

/** An environment in Restate Cloud. */
export interface CloudTarget {
  kind: "cloud";
  environmentId: `env_${string}`;
  region: "us" | "eu";
  /** The name of the Secrets Manager secret that holds the plain API key. */
  apiKeySecret: string;
  /** The same of a key for the ingress alone, for agents that tell what a model writes. Default: they do not. */
  ingressKeySecret: string | undefined;
}

export const cloud = defineTarget({
  settings: {
    RESTATE_ENVIRONMENT_ID: text(/^env_\w+$/, "an environment's id, such as env_201kd4r0c2x8"),
    RESTATE_REGION: setting(z.enum(["us", "eu"]).default("us"), "us or eu"),
    RESTATE_API_KEY_SECRET: apiKeySecret,
    RESTATE_INGRESS_KEY_SECRET: apiKeySecret.optional(),
  },
  read: (values): CloudTarget => ({
    kind: "cloud",
    environmentId: values.RESTATE_ENVIRONMENT_ID as `env_${string}`,
    region: values.RESTATE_REGION,
    apiKeySecret: values.RESTATE_API_KEY_SECRET,
    ingressKeySecret: values.RESTATE_INGRESS_KEY_SECRET,
  }),
  /** @see https://docs.restate.dev/cloud/connecting-services */
  urls: ({ environmentId, region }) => {
    const host = `https://${environmentId.replace(/^env_/, "")}.env.${region}.restate.cloud`;
    return { adminUrl: `${host}:9070`, ingressUrl: host };
  },
});
