/** What an import of a file that is no code gives: its text, or its bytes as a `Uint8Array`. */
export const DATA_IMPORTS = {
  ".csv": "text",
  ".html": "text",
  ".md": "text",
  ".sql": "text",
  ".txt": "text",
  ".wasm": "binary",
} as const;
