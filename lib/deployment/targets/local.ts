import { defineTarget } from "./target.ts";

/** A laptop: the local platform registers with the server that it starts. */
export interface LocalTarget {
  kind: "local";
}

export const local = defineTarget({
  settings: {},
  read: (): LocalTarget => ({ kind: "local" }),
  urls: () => undefined,
});
