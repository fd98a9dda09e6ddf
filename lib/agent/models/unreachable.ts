import { UnsupportedFunctionalityError } from "ai";
import { mediaTypeOf } from "../attachments.ts";
import type { SdkModel } from "./provider.ts";
import type { Message } from "./seam.ts";

/**
 * Refuses a URL that the provider does not fetch itself. The language model is asked without the SDK's `generateText`, which would
 * download it: a function of ours fetches no URL that somebody has sent.
 * @throws UnsupportedFunctionalityError
 */
export async function refuseUnreachable(messages: readonly Message[], model: SdkModel): Promise<void> {
  const attached = messages.flatMap((message) =>
    message.role === "user" ? (message.attachments ?? []) : [],
  );
  if (!attached.some((attachment) => "url" in attachment)) return;
  const supported = Object.entries(await model.supportedUrls);
  for (const attachment of attached) {
    if (!("url" in attachment)) continue;
    const type = mediaTypeOf(attachment) ?? "";
    const takes = supported.some(
      ([pattern, urls]) => covers(pattern, type) && urls.some((url) => url.test(attachment.url)),
    );
    if (!takes)
      throw new UnsupportedFunctionalityError({ functionality: `a URL of ${type}; send the file itself` });
  }
}

/** Whether a media type is one of `image/*`, `*`, or the same. */
const covers = (pattern: string, type: string): boolean =>
  pattern === "*" ||
  pattern === "*/*" ||
  pattern === type ||
  (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));
