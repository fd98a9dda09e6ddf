import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { readStuck, type StuckRun } from "../../restate/index.ts";
import { cleanMessage, readSecret, readSetting } from "../../runtime/index.ts";
import { SETTINGS, STUCK_AFTER_MINUTES, WATCH_EVERY_MINUTES, type Watched } from "./settings.ts";

const MINUTE_MS = 60_000;
/** SNS's limit is 256 KB; a person reads the first few. */
const MOST_TOLD = 20;

/**
 * Looks for runs that make no progress, and logs a line for each, which an alarm counts. Who is told of alarms is told of each
 * run once, with its reason: alarms have no words of their own.
 */
export async function handler({ services }: Watched): Promise<void> {
  const secret = readSetting(SETTINGS.apiKeySecret, "");
  const admin = {
    url: readSetting(SETTINGS.adminUrl, ""),
    token: secret === "" ? undefined : await readSecret(secret),
  };
  const stuckFor = (run: StuckRun) => (Date.now() - Date.parse(run.since)) / MINUTE_MS;
  const stuck = (await readStuck(admin, services)).filter((run) => stuckFor(run) >= STUCK_AFTER_MINUTES);
  for (const { id, service, state, since } of stuck) {
    // biome-ignore lint/suspicious/noConsole: this is where a function's log is written.
    console.error({ event: "run stuck", run: id, service, state, since });
  }
  const topic = readSetting(SETTINGS.topic, "");
  // Those that were not there at the last look.
  const news = stuck.filter((run) => stuckFor(run) < STUCK_AFTER_MINUTES + WATCH_EVERY_MINUTES);
  if (topic !== "" && news.length > 0) await tell(topic, news);
}

async function tell(topic: string, news: readonly StuckRun[]): Promise<void> {
  const lines = news
    .slice(0, MOST_TOLD)
    .map(
      ({ id, service, handler, state, since, reason }) =>
        `${id}  ${service}/${handler}  ${state} since ${since}\n  ${cleanMessage(reason)}`,
    );
  const more = news.length > MOST_TOLD ? [`and ${news.length - MOST_TOLD} more`] : [];
  const advice = "List them with: npx fanout redrive; then go on with --resume, --cancel or --kill.";
  await new SNSClient({}).send(
    new PublishCommand({
      TopicArn: topic,
      Subject: `${readSetting(SETTINGS.name, "fanout")}: ${news.length} stuck ${news.length === 1 ? "run" : "runs"}`,
      Message: [...lines, ...more, "", advice].join("\n"),
    }),
  );
}
