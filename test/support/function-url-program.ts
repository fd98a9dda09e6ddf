import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

// A double of what only AWS has: a function URL with RESPONSE_STREAM, and the streams of Lambda's runtime for Node. Unlike AWS, one
// environment takes several requests at a time. Like AWS at its worst, it holds a chunk back until the next one is written.
// Pings are left out, so that nothing arrives because of them. Whether a reader has gone, the function does not learn.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
const [bundle = "", port] = process.argv.slice(2);

type Metadata = { statusCode: number; headers: Record<string, string>; cookies: string[] };
type Handler = (event: object, stream: Writable, context: object) => Promise<void>;

/** What ends the metadata, which come before the body. */
const DELIMITER = Buffer.alloc(8);

/** What a handler writes: metadata in JSON, the delimiter, and the body. */
class ResponseStream extends Writable {
  readonly #send: (bytes: Buffer) => void;
  #held: Buffer | undefined;
  metadata: Metadata | undefined;

  constructor(send: (bytes: Buffer) => void, end: () => void) {
    super({
      final: (done) => {
        if (this.#held) send(this.#held);
        end();
        done();
      },
    });
    this.#send = send;
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    const isPing = chunk.toString() === ": ping\n\n";
    if (this.metadata) this.#send(Buffer.concat([Buffer.from(JSON.stringify(this.metadata)), DELIMITER]));
    this.metadata = undefined;
    if (this.#held && !isPing) this.#send(this.#held);
    if (!isPing) this.#held = chunk;
    done();
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from: (stream: ResponseStream, metadata: Metadata) => Object.assign(stream, { metadata }),
    },
  },
});

/** Makes of what a handler has written what an HTTP client reads. */
function answer(response: ServerResponse): (bytes: Buffer) => void {
  let unread = Buffer.alloc(0);
  return (bytes) => {
    if (response.headersSent) return void response.write(bytes);
    unread = Buffer.concat([unread, bytes]);
    const end = unread.indexOf(DELIMITER);
    if (end < 0) return;
    const { statusCode, headers, cookies } = JSON.parse(unread.subarray(0, end).toString()) as Metadata;
    response.writeHead(statusCode, { ...headers, ...(cookies.length > 0 && { "set-cookie": cookies }) });
    response.flushHeaders();
    const body = unread.subarray(end + DELIMITER.length);
    if (body.length > 0) response.write(body);
  };
}

async function toEvent(request: IncomingMessage): Promise<object> {
  const { pathname, search } = new URL(request.url ?? "/", "http://double");
  const body = await text(request);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    requestContext: {
      domainName: request.headers.host,
      http: { method: request.method, path: pathname, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
    },
    ...(body !== "" && { body }),
    isBase64Encoded: false,
  };
}

const { handler } = (await import(bundle)) as { handler: Handler };
createServer(async (request, response) => {
  const stream = new ResponseStream(answer(response), () => response.end());
  await handler(await toEvent(request), stream, {});
}).listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
