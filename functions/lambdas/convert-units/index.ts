/** A unit: what it measures, and how a value converts to metres, kilograms or degrees Celsius: `value * scale + offset`. */
interface Unit {
  kind: "length" | "mass" | "temperature";
  scale: number;
  offset?: number;
}

/**
 * The factors are exact by definition.
 * @see https://www.nist.gov/pml/special-publication-811/nist-guide-si-appendix-b-conversion-factors
 */
const UNITS: Readonly<Record<string, Unit>> = {
  mm: { kind: "length", scale: 0.001 },
  cm: { kind: "length", scale: 0.01 },
  m: { kind: "length", scale: 1 },
  km: { kind: "length", scale: 1000 },
  in: { kind: "length", scale: 0.0254 },
  ft: { kind: "length", scale: 0.3048 },
  yd: { kind: "length", scale: 0.9144 },
  mi: { kind: "length", scale: 1609.344 },
  g: { kind: "mass", scale: 0.001 },
  kg: { kind: "mass", scale: 1 },
  oz: { kind: "mass", scale: 0.028349523125 },
  lb: { kind: "mass", scale: 0.45359237 },
  celsius: { kind: "temperature", scale: 1 },
  kelvin: { kind: "temperature", scale: 1, offset: -273.15 },
  fahrenheit: { kind: "temperature", scale: 5 / 9, offset: -160 / 9 },
};

/** How many digits are returned: enough for everyday use, and few enough to hide rounding errors. */
const DIGITS = 10;

/** A plain Lambda function, such as a company may already have: an event in, an answer out, an error thrown. */
export async function handler(event: { value: number; from: string; to: string }) {
  const from = unit(event.from);
  const to = unit(event.to);
  if (from.kind !== to.kind) {
    throw new Error(`${event.from} measures ${from.kind}, and ${event.to} measures ${to.kind}`);
  }
  const base = event.value * from.scale + (from.offset ?? 0);
  const value = (base - (to.offset ?? 0)) / to.scale;
  return { value: Number(value.toPrecision(DIGITS)), unit: event.to };
}

function unit(name: string): Unit {
  const found = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
  if (!found) throw new Error(`Unknown unit "${name}". Units: ${Object.keys(UNITS).join(", ")}`);
  return found;
}
