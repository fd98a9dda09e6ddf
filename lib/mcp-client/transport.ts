import type { OAuthClientProvider, Transport } from "@modelcontextprotocol/client";
import { ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { McpServer } from "./define-server.ts";
import type { Wire } from "./wire.ts";

/** The values that a connection is made of. They are the same for as long as the environment lives, unless a secret is changed. */
export interface Access {
  url?: string | undefined;
  /** Values by their names. */
  secrets: Readonly<Record<string, string>>;
}

/** How an environment reaches a server, with what it keeps from one session to the next. */
export type Connector = (access: Access) => (wire: Wire) => Promise<Transport>;

/** How long the rest of an answer is looked for after a connection has ended: 2 s in all, while the function is billed. */
const RECONNECTION = {
  initialReconnectionDelay: 250,
  reconnectionDelayGrowFactor: 2.5,
  maxReconnectionDelay: 1500,
  maxRetries: 3,
};

/** By streamable HTTP. Tokens are kept for as long as the credentials are the same. */
export function overHttp(server: McpServer): Connector {
  return ({ url = "", secrets }) => {
    const headers = Object.entries(server.headers ?? {}).map(([name, secret]) => [
      name,
      secrets[secret] ?? "",
    ]);
    const { bearer, provider } = authorizationOf(server, secrets);
    return async ({ fetch, reconnect }) =>
      new StreamableHTTPClientTransport(new URL(url), {
        fetch,
        reconnectionScheduler: reconnect,
        reconnectionOptions: RECONNECTION,
        // More is not granted by asking again.
        onInsufficientScope: "throw",
        requestInit: { headers: { ...Object.fromEntries(headers), ...bearer } },
        ...(provider && { authProvider: provider }),
      });
  };
}

function authorizationOf(
  { authorization }: McpServer,
  secrets: Access["secrets"],
): { bearer?: { authorization: string }; provider?: OAuthClientProvider } {
  if (authorization === undefined) return {};
  if ("bearer" in authorization)
    return { bearer: { authorization: `Bearer ${secrets[authorization.bearer]}` } };
  const { clientId, clientSecret, scope, issuer } = authorization;
  const provider = new ClientCredentialsProvider({
    clientId,
    clientSecret: secrets[clientSecret] ?? "",
    ...(scope !== undefined && { scope }),
    expectedIssuer: issuer,
  });
  return { provider };
}
