/**
 * The ways in which a server may drive a run: over Restate's service protocol v7 or v6, or over v7 with the order to suspend at
 * every wait. They may cost more or fewer invocations, but never change a result. A function on Lambda is replayed after each
 * wait in all of them; v6 wakes an agent at each result of its calls, v7 when all are there.
 */
export const MODES = ["v7", "v6", "always replay"] as const;
/** One of {@link MODES}. */
export type Mode = (typeof MODES)[number];

/** How restate-server is set up for a mode. */
export const serverSettings = (mode: Mode) => ({
  protocolV7: mode !== "v6",
  alwaysReplay: mode === "always replay",
});
