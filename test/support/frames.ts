/** A message of Restate's service protocol: eight bytes of head, then protobuf. */
const HEAD_BYTES = 8;

/** The names of the messages that functions of ours send. @see https://github.com/restatedev/service-protocol */
const NAMES = new Map([
  [0x0001, "Suspension"],
  [0x0002, "Error"],
  [0x0003, "End"],
  [0x0005, "ProposeRunCompletion"],
  [0x0401, "Output"],
  [0x040c, "Sleep"],
  [0x040d, "Call"],
  [0x0411, "Run"],
]);

/** The messages that a function has answered with, by name, in their order. @param answer Lambda's, as JSON. */
export function framesOf(answer: string): string[] {
  const { body = "", isBase64Encoded } = JSON.parse(answer) as { body?: string; isBase64Encoded?: boolean };
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  const names: string[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; at += HEAD_BYTES + bytes.readUInt32BE(at + 4)) {
    const type = bytes.readUInt16BE(at);
    names.push(NAMES.get(type) ?? `0x${type.toString(16).padStart(4, "0")}`);
  }
  return names;
}
