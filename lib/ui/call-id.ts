import type { Path } from "../events/index.ts";

/** A call's id in the whole run: the model's own for the run's calls; after the ids of the calls above it for others. */
export const callId = (path: Path): string =>
  path.map((id) => id.replaceAll(/[%/]/g, encodeURIComponent)).join("/");
