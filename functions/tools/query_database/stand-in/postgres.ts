import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Turn } from "fanout/sandbox";

/** How long the database may go on with a query whose client has left, in ms. PGlite has no statement timeout. */
const RUNAWAY_AFTER_MS = 2000;

/**
 * Speaks Postgres's protocol on a loopback port, over the sample shop. Listens at once; PGlite itself (about 3 s, 400 MB)
 * starts with the first connection. Connections share one session and take turns, a transaction at a time.
 */
export async function startPostgres(nextTurn: () => Turn) {
  const database = new Database();
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    client.on("close", () => clients.delete(client));
    admit(client, nextTurn(), database).catch(() => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    env: { DATABASE_URL: `postgresql://sandbox:sandbox@127.0.0.1:${port}/sandbox?sslmode=disable` },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of clients) client.destroy();
      await Promise.all([closed, database.stop()]);
    },
  };
}

async function admit(client: Socket, { latencyMs, hang, trouble }: Turn, database: Database): Promise<void> {
  if (hang) return void client.resume();
  await sleep(latencyMs);
  if (trouble !== undefined) return void client.resume().end(refusal(trouble));
  const upstream = connect({ host: "127.0.0.1", port: await database.port(), noDelay: true });
  upstream.on("error", () => client.destroy());
  upstream.on("close", () => client.destroy());
  client.on("close", () => {
    upstream.destroy();
    void database.endRunaway();
  });
  client.pipe(upstream).pipe(client);
}

/** The ErrorResponse that Postgres sends to a client that it rejects. @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
function refusal(status: NonNullable<Turn["trouble"]>): Buffer {
  const [code, message] =
    status === 429
      ? ["53300", "sorry, too many clients already"]
      : ["57P03", "the database system is starting up"];
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

/** The thread that runs PGlite: started when it is first needed, replaced after a runaway query. */
class Database {
  #running: { worker: Worker; port: Promise<number> } | undefined;

  port(): Promise<number> {
    this.#running ??= this.#start();
    return this.#running.port;
  }

  /** Ends the thread if it does not come back to its event loop. */
  async endRunaway(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const answered = new Promise((resolve) => running.worker.once("message", resolve));
    running.worker.postMessage("ping");
    const timer = new AbortController();
    const late = sleep(RUNAWAY_AFTER_MS, "late", { signal: timer.signal, ref: false }).catch(() => undefined);
    if ((await Promise.race([answered, late])) === "late" && this.#running === running) await this.stop();
    timer.abort();
  }

  async stop(): Promise<void> {
    const worker = this.#running?.worker;
    this.#running = undefined;
    await worker?.terminate();
  }

  #start() {
    const worker = new Worker(new URL("./postgres-worker.ts", import.meta.url));
    const port = new Promise<number>((resolve, reject) => {
      worker.once("message", ({ port }: { port: number }) => resolve(port));
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the sandbox's Postgres ended")));
    });
    // A failed start is reported to the client that waits for it, and tried again for the next one.
    port.catch(() => {
      if (this.#running?.worker === worker) this.#running = undefined;
    });
    worker.on("exit", () => {
      if (this.#running?.worker === worker) this.#running = undefined;
    });
    return { worker, port };
  }
}
