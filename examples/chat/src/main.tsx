import { createRoot } from "react-dom/client";
import { Chat } from "./chat.tsx";
import { readSaid } from "./said.ts";
import "./style.css";

const root = createRoot(document.getElementById("root") as HTMLElement);
readSaid().then(
  (said) => root.render(<Chat said={said} />),
  (error: Error) =>
    root.render(
      <main>
        <p role="alert">
          {error.message}{" "}
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        </p>
      </main>,
    ),
);
