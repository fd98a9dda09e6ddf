import { type Box, box, text } from "./svg.ts";

export const at = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });

/** A thing that runs: its name, and a line each for what else is to be said. */
export function node(
  place: Box,
  name: string,
  about: readonly string[] = [],
  className = "panel s-line",
): string {
  const middle = place.x + place.width / 2;
  const first = place.y + place.height / 2 + 5 - about.length * 8;
  return (
    box(place, className, 6) +
    text(middle, first, name, "bold", "middle") +
    about.map((words, index) => text(middle, first + 17 + index * 16, words, "small dim", "middle")).join("")
  );
}

/** What several things belong to, named at its top. */
export const group = (place: Box, name: string, className = "paper s-blue"): string =>
  `${box(place, className, 8)}${text(place.x + 14, place.y + 22, name, "small bold blue")}`;
