import { type Found, NEXT_REQUEST, type Words } from "fanout/sandbox";
import * as z from "zod";

const ADDRESS = "[\\w.+'-]+@[\\w-]+(?:\\.[\\w-]+)+";
const ADDRESSES = `(${ADDRESS}(?:(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+)${ADDRESS})*)`;
const EMAIL = "(?:an?\\s+)?(?:e-?mail|mail|message)";
/** "send an email to …", "email …", "send … an email". */
const ASKS = new RegExp(
  `\\b(?:(?:send|write)\\s+${EMAIL}\\s+to\\s+${ADDRESSES}|(?:send|write)\\s+${ADDRESSES}\\s+${EMAIL}|e-?mail\\s+${ADDRESSES})`,
  "gi",
);
const QUOTED = '["“]([^"”]+)["”]';
/** `with the subject "…"`, `subject: "…"`. */
const SUBJECT = new RegExp(`^[\\s,]*(?:and\\s+|with\\s+|the\\s+)*subject(?:\\s+is)?\\s*:?\\s*${QUOTED}`, "i");
/** What comes before the text. */
const SAYS =
  /^[\s,]*(?:and\s+|with\s+|the\s+)*(?:saying|that\s+says|says?|telling\s+(?:them|him|her)|text|body|message)(?:\s+that)?\s*:?\s*/i;
const QUOTED_TEXT = new RegExp(`^${QUOTED}`);

/** How much of the text becomes the subject if there is none, in characters. */
const SUBJECT_LENGTH = 60;

const input = z.object({ to: z.array(z.string()), subject: z.string() });
const output = z.object({ accepted: z.array(z.string()), rejected: z.array(z.string()) });

/** Emails: an address, a subject in quotes, and a text in quotes or up to the end of the sentence. */
export const words: Words = {
  order: 2,
  example: "Send an email to ada@example.com saying the build is green.",
  find: (words) => [...words.matchAll(ASKS)].map((match) => mailAt(words, match)),
  say: (asked, result, sampleData) => {
    const mail = input.safeParse(asked).data;
    const { accepted, rejected } = output.safeParse(result).data ?? {};
    if (!mail || !accepted || !rejected) return undefined;
    const what = `The email "${mail.subject}" to ${accepted.join(", ")}`;
    const refused = rejected.length > 0 ? ` The mail server refused ${rejected.join(", ")}.` : "";
    return sampleData
      ? `${what} was caught by the sandbox and not delivered.${refused}`
      : `${what} was sent.${refused}`;
  },
};

function mailAt(words: string, match: RegExpExecArray): Found {
  const to = match.slice(1).find((addresses) => addresses !== undefined) ?? "";
  let end = match.index + match[0].length;
  const read = (pattern: RegExp) => {
    const found = pattern.exec(words.slice(end));
    end += found?.[0].length ?? 0;
    return found;
  };
  const subject = read(SUBJECT)?.[1];
  const says = read(SAYS) !== null;
  const quoted = says ? read(QUOTED_TEXT)?.[1] : undefined;
  const spoken = says && quoted === undefined ? (words.slice(end).split(NEXT_REQUEST)[0] ?? "") : "";
  end += spoken.length;
  const text = quoted ?? spoken.trim();
  return {
    at: match.index,
    length: end - match.index,
    input: {
      to: to.split(/\s*,\s*(?:and\s+)?|\s+and\s+/),
      subject: subject ?? (firstWords(text) || "Hello"),
      text: text || subject || "Hello",
    },
  };
}

function firstWords(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  const short = line.length > SUBJECT_LENGTH ? `${line.slice(0, SUBJECT_LENGTH)}…` : line;
  return short.charAt(0).toUpperCase() + short.slice(1);
}
