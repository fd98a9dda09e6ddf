const encoder = new TextEncoder();

/** How long a client whose stream has ended waits until it asks for the rest, in ms. */
const RETRY_MS = 2_000;

/** An event that says nothing but the id with which its reader can ask for the rest of the stream. */
export const idEvent = (id: string): Uint8Array =>
  encoder.encode(`id: ${id}\nretry: ${RETRY_MS}\ndata: \n\n`);

/** A message of the protocol as an event. */
export const messageEvent = (message: object): Uint8Array =>
  encoder.encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`);

/** A comment, for proxies that end what is silent. */
export const comment = encoder.encode(":\n\n");

/** How an answer's body is passed on. */
interface Passing {
  /** What comes in between, as soon as it is there; undefined: nothing. It must not come in the middle of an event. */
  between?: Promise<Uint8Array | undefined>;
  /** How long it lasts at most: then its reader asks for the rest. */
  seconds: number;
  /** Called once, however it ends. */
  onEnd: () => void;
}

/** The same answer, whose body ends in time. */
export function passedOn(response: Response, { between, seconds, onEnd }: Passing): Response {
  if (response.body === null) {
    onEnd();
    return response;
  }
  const reader = response.body.getReader();
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    onEnd();
  };
  const timer = setTimeout(() => void stop(), seconds * 1000);
  timer.unref();
  let stop = async () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      stop = async () => {
        if (ended) return;
        end();
        controller.close();
        await reader.cancel().catch(() => {});
      };
      void between?.then((bytes) => bytes && !ended && controller.enqueue(bytes));
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (ended) return;
      if (value) controller.enqueue(value);
      if (done) await stop();
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason).catch(() => {});
    },
  });
  return new Response(body, response);
}
