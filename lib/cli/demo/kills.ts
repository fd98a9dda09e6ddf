import type { CallProgress } from "../run/call-progress.ts";
import type { RunProgress } from "../run/progress.ts";
import agent from "./functions/agent/agent.ts";
import { HELD_BACK } from "./script.ts";
import type { Stage } from "./stage.ts";

/** How long a person sees a process at work before it is killed, in ms. */
const LOOK_MS = 600;

/** What was killed, and which calls had ended by then. */
export interface Kill {
  what: string;
  pid: number;
  /** What it was doing. */
  doing: string;
  /** Ms since the epoch. */
  at: number;
  /** The topics of the calls that had ended, and how often the archive had been asked about each. */
  finished: Map<string, number>;
}

/** A process to be killed as soon as it is at work. */
interface Victim {
  what: string;
  doing: string;
  /** Its process, once the run has reached the point where it is to be killed. */
  find(run: RunProgress, stage: Stage): number | undefined;
  kill(stage: Stage, pid: number): Promise<void>;
}

/**
 * Kills one process after another, each while it is at work, and then releases what was held back for the kill.
 * @param agentKilled lets the model answer again.
 */
export function killer(stage: Stage, agentKilled: () => void) {
  const victims = [toolVictim(), agentVictim(agentKilled), serverVictim()];
  const kills: Kill[] = [];
  const { promise: failed, reject } = Promise.withResolvers<never>();
  let seenAt = 0;
  return {
    kills,
    /** Rejects when a killed process does not come back. */
    failed,
    /** Kills the next process once the run has reached it and a person has seen it at work. @returns the kill, if any. */
    look(run: RunProgress): Kill | undefined {
      const victim = victims[kills.length];
      const pid = victim?.find(run, stage);
      if (!victim || pid === undefined) return undefined;
      seenAt ||= Date.now();
      if (Date.now() - seenAt < LOOK_MS) return undefined;
      seenAt = 0;
      const { what, doing } = victim;
      const kill = { what, doing, pid, at: Date.now(), finished: finishedTopics(run, stage) };
      kills.push(kill);
      void victim.kill(stage, pid).catch(reject);
      return kill;
    },
  };
}

function toolVictim(): Victim {
  return {
    what: "an environment of look_up",
    doing: `at work on "${HELD_BACK.tool}"`,
    // The others have ended, so the busy one is the one that is held back.
    find: ({ turns }, { lambda }) =>
      isTheLastAtWork(turns[0]?.calls, HELD_BACK.tool) ? onlyOne(lambda.busy("look_up")) : undefined,
    async kill({ archive }, pid) {
      process.kill(pid, "SIGKILL");
      archive.release(HELD_BACK.tool);
    },
  };
}

function agentVictim(killed: () => void): Victim {
  return {
    what: `the environment of ${agent.name}`,
    doing: "asking the model",
    find: ({ turns }, { lambda }) =>
      turns[1] !== undefined && turns[1].repliedAt === undefined
        ? onlyOne(lambda.busy(agent.name))
        : undefined,
    async kill(_stage, pid) {
      process.kill(pid, "SIGKILL");
      killed();
    },
  };
}

function serverVictim(): Victim {
  return {
    what: "restate-server",
    doing: `waiting for "${HELD_BACK.server}", and a write after it`,
    find: ({ turns }, { lambda, server }) =>
      isTheLastAtWork(turns[1]?.calls, HELD_BACK.server) && onlyOne(lambda.busy("look_up"))
        ? server.now.pid
        : undefined,
    async kill({ archive, server }) {
      const back = server.crash();
      archive.release(HELD_BACK.server);
      await back;
    },
  };
}

const onlyOne = (pids: readonly number[]): number | undefined => (pids.length === 1 ? pids[0] : undefined);

const topicOf = ({ input }: CallProgress): string | undefined => (input as { topic?: string }).topic;

function isTheLastAtWork(calls: readonly CallProgress[] = [], topic: string): boolean {
  const lookUps = calls.filter((call) => topicOf(call) !== undefined);
  return (
    lookUps.some((call) => topicOf(call) === topic) &&
    lookUps.every((call) => (topicOf(call) === topic ? call.state === "running" : call.state === "ok"))
  );
}

function finishedTopics({ turns }: RunProgress, { archive }: Stage): Map<string, number> {
  const ended = turns.flatMap(({ calls }) => calls).filter(({ state }) => state === "ok");
  return new Map(ended.flatMap((call) => topicOf(call) ?? []).map((topic) => [topic, archive.asked(topic)]));
}
