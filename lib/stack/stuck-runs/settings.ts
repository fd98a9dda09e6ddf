/** A run that has made no progress for this long is told of. */
export const STUCK_AFTER_MINUTES = 10;
/** How often it is looked for. */
export const WATCH_EVERY_MINUTES = 5;

/** The function's environment variables. */
export const SETTINGS = {
  /** The deployment's name. */
  name: "FANOUT_DEPLOYMENT",
  adminUrl: "RESTATE_ADMIN_URL",
  /** The secret's name; empty where Restate wants no key. */
  apiKeySecret: "RESTATE_API_KEY_SECRET",
  /** The ARN of the SNS topic to tell; empty for none. */
  topic: "FANOUT_ALARM_TOPIC",
} as const;

/**
 * What the function is invoked with. A rule's input holds 8192 characters, twice what all environment variables hold, and has
 * room for the longest names of 200 services.
 */
export interface Watched {
  /** The names of the services whose runs are looked at. */
  services: readonly string[];
}
