import { TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";

/** What all of a message's inline attachments may take together, in characters of base64: they travel with the run's journal. */
const MAX_INLINE = 1_000_000;
const MAX_ATTACHMENTS = 20;

const mediaType = z
  .string()
  .regex(/^[a-z]+\/[\w.+-]+$/, "expected a media type such as image/png")
  .max(100);

const remote = z.strictObject({
  url: z.url({ protocol: /^https$/, error: "expected an https URL" }).max(4_096),
  mediaType: mediaType.optional().describe("Needed where the URL's path does not end in what says it."),
});
const inline = z.strictObject({
  data: z.base64({ error: "expected base64" }).min(1),
  mediaType,
  name: z.string().min(1).max(200).optional(),
});

/** An image or a file beside a message's text: where the provider finds it, or itself. */
export type Attachment = z.output<typeof remote> | z.output<typeof inline>;

/** The attachments of a message. */
export const attachments = z
  .array(z.union([remote, inline]))
  .max(MAX_ATTACHMENTS)
  .superRefine((list, { addIssue }) => {
    const size = list.reduce((sum, one) => sum + inlineSize(one), 0);
    if (size > MAX_INLINE)
      addIssue({
        code: "custom",
        message: `expected at most ${MAX_INLINE} characters of base64 in all of a message's attachments, and a URL for what is larger; there are ${size}`,
        input: size,
        path: [],
      });
  });

/** What an attachment takes of a journal, in bytes. */
export const inlineSize = (attachment: Attachment): number =>
  "data" in attachment ? attachment.data.length : 0;

const TYPES: Readonly<Record<string, string>> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  pdf: "application/pdf",
  png: "image/png",
  webp: "image/webp",
};

/** @returns undefined where neither the attachment nor its URL says it. */
export function mediaTypeOf(attachment: Attachment): string | undefined {
  if ("data" in attachment || attachment.mediaType !== undefined) return attachment.mediaType;
  const [, extension = ""] = /\.(\w+)$/.exec(new URL(attachment.url).pathname) ?? [];
  return TYPES[extension.toLowerCase()];
}

/** @throws TerminalError 400 for one whose media type nobody knows. */
export function refuseUntyped(list: readonly Attachment[] = []): void {
  const index = list.findIndex((attachment) => mediaTypeOf(attachment) === undefined);
  if (index === -1) return;
  const known = Object.keys(TYPES).join(", ");
  throw new TerminalError(
    `attachments.${index}.mediaType: expected one, because the URL ends in none of ${known}`,
    { errorCode: 400 },
  );
}

/** An attachment as a text tells of it. */
export function attachmentInWords(attachment: Attachment): string {
  const name = "url" in attachment ? attachment.url : attachment.name;
  return `[attachment${name === undefined ? "" : ` ${name}`}, ${mediaTypeOf(attachment)}]`;
}
