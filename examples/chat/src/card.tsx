import type { ReactNode } from "react";

const UNDER_WAY: Record<string, string> = { running: "running …", waiting: "waits for you" };

interface CardProps {
  state: string;
  name: string;
  caller: string | undefined;
  /** How it has ended. */
  said: string;
  children: ReactNode;
}

/** A call's place on the page. */
export function Card(props: CardProps) {
  return (
    <li className={props.state}>
      <h3>{props.caller === undefined ? props.name : `${props.caller} › ${props.name}`}</h3>
      <p className="state">{UNDER_WAY[props.state] ?? props.said}</p>
      {props.children}
    </li>
  );
}

/** Who has decided what. */
export const decided = (decision: string, by: string | undefined, isChanged: boolean): string =>
  `${decision}${by === undefined ? "" : ` by ${by}`}${isChanged ? ", with another input" : ""}`;

export function inWords(input: unknown): string {
  if (typeof input !== "object" || input === null) return String(input);
  return Object.entries(input)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(" ");
}
