/**
 * The ways in which a run may be driven: over Restate's service protocol v7 or v6, or replayed from its journal after every
 * single wait. They may cost more or fewer invocations, but never change a result.
 */
export const MODES = ["v7", "v6", "always replay"] as const;
export type Mode = (typeof MODES)[number];

/** How restate-server is set up for a mode. */
export const serverSettings = (mode: Mode) => ({
  protocolV7: mode !== "v6",
  alwaysReplay: mode === "always replay",
});
