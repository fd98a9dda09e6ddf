import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { boundedFetch, MAX_REPLY_BYTES } from "./bounded-fetch.ts";

test.each([200, 500])(
  "F9: of an endless body with status %i no more is read than the bound",
  async (status) => {
    const left = Promise.withResolvers<void>();
    const chunk = Buffer.alloc(MAX_REPLY_BYTES / 4, " ");
    let sent = 0;
    const server = createServer((_, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.on("close", () => left.resolve());
      const send = () => {
        while (!response.destroyed && sent < 400) {
          sent++;
          if (!response.write(chunk)) return void response.once("drain", send);
        }
        response.end();
      };
      send();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const response = await boundedFetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(response.text()).rejects.toThrow();
    await left.promise;
    // What the sockets hold was sent, and not read.
    expect(sent).toBeLessThan(100);
    await new Promise((resolve) => server.close(resolve));
  },
);
