import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { guarded } from "./guard.ts";

/** Everything of the host listens here, and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/**
 * Serves programs of this machine.
 * @param port 0 is any that is free.
 * @throws the listener's error, such as EADDRINUSE.
 */
export async function listen(
  listener: RequestListener,
  port: number,
): Promise<{ server: Server; port: number }> {
  const server = createServer(guarded(listener));
  // A frozen environment keeps its connection open without a word for as long as it is frozen.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { server, port: (server.address() as AddressInfo).port };
}
