import { type Settings, text, type ValuesOf } from "../setting.ts";

/** Where a Restate answers. */
export interface RestateUrls {
  adminUrl: string;
  ingressUrl: string;
}

/** One kind of place where a deployment's services are registered: its settings, and what follows from them. */
export interface TargetKind<S extends Settings, T extends { kind: string }> {
  settings: S;
  read(values: ValuesOf<S>): T;
  /** Where its Restate answers; undefined if only the deployment itself will know. */
  urls(target: T): RestateUrls | undefined;
}

/** Infers a target's types from its settings. */
export const defineTarget = <const S extends Settings, T extends { kind: string }>(kind: TargetKind<S, T>) =>
  kind;

/** Secrets Manager would take a hyphen and six characters at the end of a name for the suffix that it adds to every ARN. */
export const apiKeySecret = text(
  /^(?!.*-[A-Za-z0-9]{6}$)[\w/+=.@-]{1,512}$/,
  "the name of a secret in Secrets Manager, not ending in a hyphen and six characters, such as restate/api-key",
);
