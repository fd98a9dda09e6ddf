/** What importing a file that is not code gives: its text, or its bytes as a `Uint8Array`. */
export const DATA_IMPORTS = {
  ".csv": "text",
  ".html": "text",
  ".md": "text",
  ".sql": "text",
  ".txt": "text",
  ".wasm": "binary",
} as const;
