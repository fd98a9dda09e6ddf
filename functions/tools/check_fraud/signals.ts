import type * as z from "zod";
import heuristics from "./heuristics.json" with { type: "json" };
import type tool from "./tool.ts";

type Claim = z.output<typeof tool.input>;
type SignalName = keyof typeof heuristics.points;
type Look = (claim: Claim, today: string) => string | false | undefined;

/** The signals: each explains what it found, or returns nothing. Points and word lists are data. */
const LOOKS: Record<SignalName, Look> = {
  "future-date": ({ date }, today) => date > today && `The claim is dated ${date}, after today, ${today}.`,
  "amount-far-above-usual": ({ category, amount }) => {
    const usual = usualAmount(category);
    const limit = usual * heuristics.farAboveUsual;
    return amount > limit && `${amount} is over ${heuristics.farAboveUsual} times the usual ${usual}.`;
  },
  "place-unknown": ({ placeOfService }) =>
    saysNothing(placeOfService, heuristics.unknownPlaces) && `"${placeOfService}" names no place.`,
  "reason-vague": ({ reason }) =>
    saysNothing(reason, heuristics.vagueReasons) && `"${reason}" does not say what was treated.`,
  "just-below-review-limit": ({ amount }) => {
    const share = 1 - heuristics.justBelowPercent / 100;
    const limit = heuristics.reviewLimits.find((high) => amount < high && amount >= high * share);
    return (
      limit !== undefined && `${amount} is just below ${limit}, where claims are looked at more closely.`
    );
  },
  weekend: ({ date, placeOfService }) =>
    isWeekend(date) &&
    !isOpenOnWeekends(placeOfService) &&
    `${date} is a weekend day, and "${placeOfService}" is not known to be open then.`,
  holiday: ({ date, placeOfService }) => {
    const name = new Map(Object.entries(heuristics.holidays)).get(date.slice("YYYY-".length));
    return name && !isOpenOnWeekends(placeOfService) && `${date} is a holiday: ${name}.`;
  },
  "round-amount": ({ amount }) =>
    amount % heuristics.roundTo === 0 &&
    `${amount} is a multiple of ${heuristics.roundTo}; bills rarely are.`,
};

/**
 * Looks for everything that is suspicious about a claim.
 * @param today YYYY-MM-DD.
 */
export function findSignals(claim: Claim, today: string): z.output<typeof tool.output>["signals"] {
  return (Object.keys(LOOKS) as SignalName[]).flatMap((name) => {
    const explanation = LOOKS[name](claim, today);
    return explanation ? [{ name, points: heuristics.points[name], explanation }] : [];
  });
}

function usualAmount(category: string): number {
  const words = category.toLowerCase();
  const known = Object.entries(heuristics.usualAmounts).find(([name]) => words.includes(name));
  return known?.[1] ?? heuristics.usualAmountElsewhere;
}

function saysNothing(text: string, emptyWords: readonly string[]): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters < 2 || emptyWords.includes(text.toLowerCase().replace(/[.!?]+$/, ""));
}

const isWeekend = (date: string) => [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
const isOpenOnWeekends = (place: string) =>
  heuristics.placesOpenOnWeekends.some((word) => place.toLowerCase().includes(word));
