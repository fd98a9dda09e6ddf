import { defineConfig } from "vite";

/** `npm run dev` shows each change at once; `npm start` answers it beside that. */
export default defineConfig({ server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:5180" } } });
