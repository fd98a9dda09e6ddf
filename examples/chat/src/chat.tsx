import { useEffect, useRef } from "react";
import { useConversation } from "./conversation.ts";
import { EXAMPLE } from "./example.ts";
import { Message } from "./message.tsx";
import { Question } from "./question.tsx";
import type { Said } from "./said.ts";

export function Chat({ said }: { said: Said }) {
  const { messages, sendMessage, regenerate, resumeStream, error, last, isBusy, isCutOff, cancel } =
    useConversation(said);
  // Each question and each answer's end come into view.
  const end = useRef<HTMLParagraphElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are when, not what
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages.length, isBusy]);

  return (
    <main aria-label="Chat">
      <header>
        <h1>Fanout chat</h1>
        <button type="button" disabled={messages.length === 0} onClick={() => location.assign("/")}>
          New chat
        </button>
      </header>
      <div role="log" aria-label="Conversation" aria-busy={isBusy}>
        <ol>
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </ol>
      </div>
      <p role="status" ref={end}>
        {isBusy ? "Working …" : ""}
      </p>
      {isCutOff && (
        <Trouble text="The connection is gone; the run goes on." remedy="Rejoin" onRemedy={resumeStream} />
      )}
      {error && !isCutOff && last?.role === "user" && (
        <Trouble text={error.message} remedy="Try again" onRemedy={regenerate} />
      )}
      <Question
        example={messages.length === 0 ? EXAMPLE : ""}
        isBusy={isBusy}
        canStop={last?.role === "assistant"}
        onAsk={(text) => void sendMessage({ text })}
        onStop={() => void cancel()}
      />
    </main>
  );
}

function Trouble(props: { text: string; remedy: string; onRemedy: () => Promise<void> }) {
  return (
    <p role="alert">
      {props.text}{" "}
      <button type="button" onClick={() => void props.onRemedy()}>
        {props.remedy}
      </button>
    </p>
  );
}
