import type { RunMessage } from "fanout/ui";

/** What was said before the page came, and which run is in progress. */
export interface Said {
  messages: RunMessage[];
  running?: string;
}

/** A question, by the id that makes it the same one when it is sent again. */
interface Asked {
  id: string;
  text: string;
}

if (location.hash === "") history.replaceState(null, "", `#${crypto.randomUUID()}`);
/** The id of the page's conversation, which is in its address: a page without one begins a new one. */
export const conversation = location.hash.slice(1);
window.addEventListener("hashchange", () => location.reload());

/** The question that this page has sent and of whose run it knows nothing yet. */
export const unanswered = {
  keep: (asked: Asked) => sessionStorage.setItem(conversation, JSON.stringify(asked)),
  forget: () => sessionStorage.removeItem(conversation),
  read: (): Asked | null => JSON.parse(sessionStorage.getItem(conversation) ?? "null"),
};

/** Reads the conversation. @throws Error where the server does not answer. */
export async function readSaid(): Promise<Said> {
  const asked = unanswered.read();
  // The page was left before it knew its run: to ask again finds it, or begins it.
  const run = asked && (await runOf(asked));
  const said: Said = await (await expectOk(fetch(`/api/chat/${conversation}`))).json();
  if (!run || said.messages.some(({ id }) => id === run)) return said;
  const question: RunMessage = {
    id: `question ${run}`,
    role: "user",
    parts: [{ type: "text", text: asked.text }],
  };
  // While it waits for another one it is not in the history.
  const others = said.messages.filter(({ id }) => id !== question.id);
  return { messages: [...others, question], running: run };
}

/** @returns the id of the run that answers a question. */
async function runOf(asked: Asked): Promise<string | null> {
  const response = await expectOk(
    fetch("/api/chat", { method: "POST", body: JSON.stringify({ conversation, ...asked }) }),
  );
  await response.body?.cancel();
  return response.headers.get("x-run");
}

async function expectOk(request: Promise<Response>): Promise<Response> {
  const response = await request;
  if (!response.ok) throw new Error(await response.text());
  return response;
}
