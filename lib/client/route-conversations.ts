import type { ConversationName, Conversations } from "./conversations.ts";
import { ask, type RoutesAddress, tell } from "./routes-request.ts";
import { newKey } from "./runs.ts";

/** A user's own conversations, through the routes of `fanout/server`. */
export function routeConversations(address: RoutesAddress): Conversations {
  return {
    send: async ({ agent, id }, input, { interrupt, idempotencyKey = newKey(), signal }) => {
      const body = { agent, ...input, ...(interrupt && { interrupt }) };
      return (await tell<{ id: string }>(address, pathOf(id), body, { idempotencyKey, signal })).id;
    },
    history: (of, page, signal) => ask(address, historyPath(of, page), { signal }),
    async interrupt({ agent, id }, { idempotencyKey = newKey(), signal }) {
      const path = `${pathOf(id)}/interrupt`;
      return (await tell<{ id: string | null }>(address, path, { agent }, { idempotencyKey, signal })).id;
    },
    async reset({ agent, id }, { idempotencyKey = newKey(), signal }) {
      const path = `${pathOf(id)}/reset`;
      return (await tell<{ id: string }>(address, path, { agent }, { idempotencyKey, signal })).id;
    },
    async fork({ agent, id }, to, { idempotencyKey = newKey(), signal }) {
      await tell(address, `${pathOf(id)}/fork`, { agent, to }, { idempotencyKey, signal });
    },
  };
}

const pathOf = (id: string) => `/conversations/${encodeURIComponent(id)}`;

function historyPath({ agent, id }: ConversationName, page: number | undefined): string {
  const query = new URLSearchParams({ agent, ...(page !== undefined && { page: String(page) }) });
  return `${pathOf(id)}?${query}`;
}
