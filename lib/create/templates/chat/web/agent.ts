/** The agent that the chat is with. */
export const AGENT = process.env.AGENT ?? "LeaveAgent";
