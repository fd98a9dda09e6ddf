/**
 * Lambda's quotas, in bytes.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and the Invoke API's page;
 * the 100 bytes on top of a response are in the error message that AWS itself returns.
 */
export const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
export const MAX_EVENT_BYTES = 1024 * 1024;
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** Lambda's default for concurrent executions of one account in one region. */
export const ACCOUNT_CONCURRENCY = 1000;

/** What Lambda gives the init phase. A longer init is run again within the function's timeout; here it may simply use both. */
export const INIT_SECONDS = 10;
