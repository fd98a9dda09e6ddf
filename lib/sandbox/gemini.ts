import * as z from "zod";

/** A request as far as aimock reads it otherwise than Google does. @see https://ai.google.dev/api/generate-content */
const request = z.looseObject({
  contents: z.array(z.looseObject({ parts: z.array(z.looseObject({})).optional() })).optional(),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(z.looseObject({})).optional() })).optional(),
  toolConfig: z.looseObject({ functionCallingConfig: z.looseObject({ mode: z.unknown() }) }).optional(),
});

/**
 * A request to Gemini, for aimock: which reads schemas in one of their two places only, does not know that calls may be
 * forbidden, and takes what the AI SDK puts around a result for a part of it. What is not a request is left to aimock to refuse.
 */
export function forAimock(body: string): string {
  const { data } = request.safeParse(parse(body));
  if (!data) return body;
  const { contents, tools, toolConfig, ...rest } = data;
  const forbidden = toolConfig?.functionCallingConfig.mode === "NONE";
  return JSON.stringify({
    ...rest,
    contents: contents?.map(({ parts, ...content }) => ({ ...content, parts: parts?.map(withBareResult) })),
    ...(!forbidden && {
      tools: tools?.map(({ functionDeclarations, ...tool }) => ({
        ...tool,
        functionDeclarations: functionDeclarations?.map(withParameters),
      })),
    }),
  });
}

/** Google's own client writes types in capitals. */
function withParameters({ parameters, parametersJsonSchema = parameters, ...declaration }: Json): Json {
  const lower = (key: string, value: unknown) =>
    key === "type" && typeof value === "string" ? value.toLowerCase() : value;
  const schema = parametersJsonSchema && JSON.parse(JSON.stringify(parametersJsonSchema), lower);
  return { ...declaration, parameters: schema };
}

function withBareResult(part: Json): Json {
  const { functionResponse } = part;
  const { data } = wrapped.safeParse(functionResponse);
  if (!data) return part;
  const { content, error } = data.response;
  return { ...part, functionResponse: { ...data, response: content ?? error ?? null } };
}

const wrapped = z.looseObject({
  response: z.union([
    z.strictObject({ name: z.string(), content: z.unknown(), error: z.undefined().optional() }),
    z.strictObject({ name: z.string(), error: z.unknown(), content: z.undefined().optional() }),
  ]),
});

type Json = Record<string, unknown>;

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * A reply of aimock's, whole or streamed, as Google writes it: one that ends in calls has ended as any other, and its first
 * call is signed. Either is a line of JSON.
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function asGemini(response: Response): Response {
  if (!response.ok || response.body === null) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(ReadableStream.from(mended(response.body)), { status: response.status, headers });
}

async function* mended(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield encoder.encode(lines.map((line) => `${withCalls(line)}\n`).join(""));
  }
  yield encoder.encode(withCalls(rest));
}

/** As base64, as Google's own are. */
const SIGNATURE = btoa("sandbox");

/** Quotes in a text are escaped, so what is looked for is in no text. */
function withCalls(line: string): string {
  if (!line.includes('"functionCall":')) return line;
  const json = line.replace('"finishReason":"FUNCTION_CALL"', '"finishReason":"STOP"');
  return json.replace('{"functionCall":', `{"thoughtSignature":"${SIGNATURE}","functionCall":`);
}
