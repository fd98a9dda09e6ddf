import { type IncomingHttpHeaders, request } from "node:http";

export type Sent = { method?: string; headers?: Record<string, string>; body?: string };

/** Sends exactly these headers, unlike fetch. */
export function send(url: string, { method = "GET", headers = {}, body }: Sent = {}) {
  return new Promise<{ status: number; body: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    sent.on("error", reject).end(body);
  });
}

export const JSON_TYPE = { "content-type": "application/json" };
export const post = (headers: Record<string, string>, body?: string): Sent => ({
  method: "POST",
  headers,
  body,
});
