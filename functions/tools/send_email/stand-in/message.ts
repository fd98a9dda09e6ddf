/** The parts of a message that are shown. */
export interface ReadMessage {
  messageId: string;
  subject: string;
  text: string;
}

/**
 * Reads a plain-text message of one part in UTF-8; the parts of others stay as they came.
 * @param source the message's bytes.
 * @see https://www.rfc-editor.org/rfc/rfc5322 and https://www.rfc-editor.org/rfc/rfc2047
 */
export function readMessage(source: Buffer): ReadMessage {
  const [head = "", body = ""] = source.toString("latin1").split(/\r?\n\r?\n([\s\S]*)/);
  const headers = new Map(
    head
      .replace(/\r?\n[ \t]+/g, " ")
      .split(/\r?\n/)
      .map((line) => line.split(/:\s*(.*)/s))
      .map(([name = "", value = ""]) => [name.toLowerCase(), value]),
  );
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase();
  return {
    messageId: headers.get("message-id") ?? "",
    subject: decodeWords(headers.get("subject") ?? ""),
    text: decode(body, encoding).replace(/\r\n/g, "\n").replace(/\n$/, ""),
  };
}

function decode(text: string, encoding: string | undefined): string {
  if (encoding === "base64") return Buffer.from(text, "base64").toString();
  const bytes = encoding === "quoted-printable" ? unquote(text.replace(/=\r?\n/g, "")) : text;
  return Buffer.from(bytes, "latin1").toString();
}

/** `=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=`; white space between two such words belongs to neither. */
function decodeWords(header: string): string {
  return header
    .replace(/(\?=)\s+(?==\?)/g, "$1")
    .replace(/=\?[^?\s]+\?([QB])\?([^?\s]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toUpperCase() === "B"
        ? decode(word, "base64")
        : Buffer.from(unquote(word.replaceAll("_", " ")), "latin1").toString(),
    );
}

const unquote = (text: string) =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
