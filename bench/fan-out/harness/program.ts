import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { signalGroup, spawnTied } from "../../../lib/lambda-host/index.ts";
import { atEnd } from "./at-end.ts";
import type { Reply } from "./parent.ts";

/** The longest that an answer may take; 128 environments start in less. */
const ANSWER_MS = 180_000;
const STOP_MS = 15_000;
const LAST_LOG_LINES = 15;

/** A program of ours in a process of its own. */
export interface Program<Message> {
  /** What it said when it was ready. */
  ready: unknown;
  /** @throws Error with what went wrong in the program, and the end of its log. */
  ask<Answer>(message: Message): Promise<Answer>;
  /** Lets it end by itself, and kills it if that takes too long. */
  stop(): Promise<void>;
}

/**
 * Starts a program of `harness`, which answers by `answerParent`. It ends with this process at the latest.
 * @param options `env`: its environment, beside PATH and TMPDIR; `directory`: an existing folder for its log.
 * @throws Error when it ends before it is ready.
 */
export async function startProgram<Message>(
  file: string,
  { args = [], env, directory }: { args?: string[]; env: Record<string, string>; directory: string },
): Promise<Program<Message>> {
  const name = [basename(file, ".ts"), ...args].join(" ");
  const log = join(directory, "log");
  const child = spawnNode(join(import.meta.dirname, file), args, env, log);
  const failure = (what: string) => new Error(`${name} ${what}. Its log ends with:\n${tail(log)}`);
  const exited = once(child, "exit");
  const ended = exited.then(([code, signal]) => {
    throw failure(`ended with ${code ?? signal}`);
  });
  ended.catch(() => {});

  const reply = async <Answer>(): Promise<Answer> => {
    const late = AbortSignal.timeout(ANSWER_MS);
    const message = once(child, "message", { signal: late }).catch(() => {
      throw failure(`has not answered for ${ANSWER_MS / 1000} s`);
    });
    const [{ value, error }] = (await Promise.race([message, ended])) as [Reply];
    if (error !== undefined) throw failure(`failed: ${error}`);
    return value as Answer;
  };
  let isReady = false;
  const stop = async () => {
    if (child.connected) child.disconnect();
    // Before it is ready it does not listen.
    const killer = setTimeout(() => signalGroup(child, "SIGKILL"), isReady ? STOP_MS : 0);
    await exited.finally(() => clearTimeout(killer));
  };
  atEnd(stop);
  const ready = await reply();
  isReady = true;
  return {
    ready,
    ask: (message) => {
      child.send(message as object);
      return reply();
    },
    stop,
  };
}

function spawnNode(file: string, args: string[], env: Record<string, string>, log: string) {
  const output = openSync(log, "a");
  try {
    const { PATH, TMPDIR } = process.env;
    return spawnTied(process.execPath, [file, ...args], {
      env: { PATH, TMPDIR, ...env },
      stdio: ["ignore", output, output, "ipc"],
    });
  } finally {
    closeSync(output);
  }
}

const tail = (file: string) =>
  readFileSync(file, "utf8").trimEnd().split("\n").slice(-LAST_LOG_LINES).join("\n");
