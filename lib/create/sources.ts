import { join } from "node:path";

/** The kit's folder: the repository, or the package that is built from it. */
export const KIT = join(import.meta.dirname, "../..");

/** The projects that can be made. */
export const TEMPLATES = ["minimal", "chat", "claim"] as const;
export type Template = (typeof TEMPLATES)[number];

/** A folder or a file of the repository, and the folder of the project that it goes into. */
interface Source {
  from: string;
  to: string;
}

const own = (template: string): Source => ({ from: `lib/create/templates/${template}`, to: "." });

/** Folders of the repository's `functions`, without changes. */
const samples = (...folders: string[]): Source[] =>
  folders.map((folder) => ({ from: `functions/${folder}`, to: `functions/${folder}` }));

/** What each template is made of. Of two files with the same path the later one counts. */
export const SOURCES: Readonly<Record<Template, readonly Source[]>> = {
  minimal: [own("common"), own("minimal")],
  chat: [
    own("common"),
    {
      from: "lib/create/templates/minimal/functions/tools/get_holidays",
      to: "functions/tools/get_holidays",
    },
    ...["index.html", "routes.ts", "server.ts", "vite.config.ts"].map((file) => ({
      from: `examples/chat/${file}`,
      to: "web",
    })),
    { from: "examples/chat/src", to: "web/src" },
    own("chat"),
  ],
  claim: [
    own("common"),
    ...samples(
      "agents/parallel-tool-claim-agent",
      "tools/calculate_metrics",
      "tools/check_eligibility",
      "tools/check_fraud",
      "tools/compare_to_standard_rates",
    ),
    own("claim"),
  ],
};

/** The packages that a template's files import, beside those of every project. */
export const PACKAGES: Readonly<Record<Template, { dependencies: string[]; devDependencies: string[] }>> = {
  // Stand-ins are written with it.
  minimal: { dependencies: [], devDependencies: ["hono"] },
  chat: {
    dependencies: ["@ai-sdk/react", "@hono/node-server", "ai", "hono", "react", "react-dom"],
    devDependencies: ["@types/react", "@types/react-dom", "vite"],
  },
  claim: { dependencies: ["@restatedev/restate-sdk"], devDependencies: [] },
};
