import type { StackSettingsOf } from "fanout/stack";

export const stack: StackSettingsOf = ({ stage, tier }) => ({
  tags: { team: "support", stage },
  permissionsBoundary: "developers",
  approvalNotifier: "tell_approvers",
  exposedTools: ["get_weather"],
  server: { corsOrigins: ["https://app.example.com"] },
  ...(tier === "prod" && { canary: { agent: "SupportAgent", message: "What is the weather in Paris?" } }),
});
