import type { IncomingMessage, RequestListener } from "node:http";

/** The names under which this machine reaches itself; a page elsewhere can make any other name lead here (DNS rebinding). */
const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** What browsers say of a request that no other site's page caused: a page of our own, or a person at the address bar. */
const OWN_SITES = new Set(["same-origin", "none"]);

/** What any page may POST anywhere without asking. @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const SAFELISTED_TYPES = new Set(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]);

/**
 * Puts a guard before a listener on loopback: requests that a web page in this machine's browser could have caused are
 * answered with 403 and a `message`, and never reach the listener. Programs are let through, whoever runs them.
 */
export function guarded(listener: RequestListener): RequestListener {
  return (request, response) => {
    const message = whyRefused(request);
    if (message === undefined) return listener(request, response);
    response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ message }));
  };
}

/** Why a request is refused; undefined if it is not. */
function whyRefused({ method, headers }: Pick<IncomingMessage, "method" | "headers">): string | undefined {
  const { host = "", origin, "sec-fetch-site": site } = headers;
  if (!OWN_NAMES.has(host.replace(/:\d+$/, "").toLowerCase()))
    return `Expected this machine as the Host (${[...OWN_NAMES].join(", ")}), got "${host}".`;
  if (origin !== undefined && origin !== `http://${host}`)
    return `Expected no Origin, or http://${host}, got "${origin}".`;
  if (site !== undefined && !OWN_SITES.has(String(site)))
    return `Expected no request of another site's page, got Sec-Fetch-Site "${site}".`;
  if (method === "POST" && isSimple(headers))
    return `Expected a POST with content-type application/json, got "${headers["content-type"] ?? ""}".`;
  return undefined;
}

/** Whether a page may send such a POST without asking. AWS's command line gives no type, but an `authorization`, which no page may. */
function isSimple(headers: IncomingMessage["headers"]): boolean {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== undefined) return SAFELISTED_TYPES.has(type);
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return hasBody && headers.authorization === undefined;
}
