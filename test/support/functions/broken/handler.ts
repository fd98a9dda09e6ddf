/** A function that does not start. */
function readConfiguration(): never {
  throw new Error("GATE_KEYS should name the gate's keys; it is not set.");
}

export const handler = readConfiguration();
