import { readFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

// The database runs in a separate thread: a query blocks nothing else, and a runaway query can be ended with its thread.
const db = await PGlite.create();
await db.exec(readFileSync(new URL("./shop.sql", import.meta.url), "utf8"));
// Connections share PGlite's one session, which would otherwise be a superuser's.
await db.exec("SET SESSION AUTHORIZATION sandbox");
const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: 0, maxConnections: 1000 });
await server.start();
parentPort?.on("message", (message) => parentPort?.postMessage({ echo: message }));
parentPort?.postMessage({ port: Number(server.getServerConn().split(":").at(-1)) });
