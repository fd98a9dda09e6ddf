/**
 * Lambda's quotas for payloads, in bytes.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and the Invoke API's page;
 * the 100 bytes on top of a response are in the error message that AWS itself returns.
 */
export const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
export const MAX_EVENT_BYTES = 1024 * 1024;
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** Lambda's default for concurrent executions of one account in one region. */
export const ACCOUNT_CONCURRENCY = 1000;
/** What must be left for the functions without reserved concurrency; an account with a lower quota has a lower minimum. */
export const UNRESERVED_MINIMUM = 100;

/** A function's configuration: memory in MiB, time in seconds, all environment variables together in bytes. */
export const MEMORY_MB = { least: 128, most: 10_240 };
export const TIMEOUT_SECONDS = { least: 1, most: 900 };
export const MAX_VARIABLES_BYTES = 4 * 1024;

/** What an account can store, and one function's code, in bytes. Not enforced here. */
export const CODE_BYTES = { account: 75 * 1024 ** 3, zipped: 50 * 1024 ** 2, unzipped: 250 * 1024 ** 2 };

/** What Lambda gives the init phase. A longer init is run again within the function's timeout; here it may simply use both. */
export const INIT_SECONDS = 10;
/** What provisioned environments have for it, or the function's timeout if that is longer. */
export const PROVISIONED_INIT_SECONDS = 130;
