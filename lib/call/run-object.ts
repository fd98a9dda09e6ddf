/** The virtual object that holds what happens in a run, and who is asked what, by the run's id. */
export const TOPIC = "RunEvents";
/** Its handler that makes a call when somebody has approved it. */
export const CALL_APPROVED = "callApproved";
