import { defineMcpServer } from "fanout/mcp-client";

export default defineMcpServer({
  url: "https://mcp.example.com/mcp",
  // What a laptop starts in place of the URL.
  command: ["npx", "-y", "@example/mcp-server", "--stdio"],
  authorization: { bearer: "TRACKER_TOKEN" },
  // The tools that agents may call, and no others.
  tools: {
    search_issues: { effect: "read", timeout: { seconds: 20 } },
    "create-issue": { approval: "always" },
  },
});
