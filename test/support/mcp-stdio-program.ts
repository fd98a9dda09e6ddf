import { serveMcpOnStdio } from "../../lib/mcp-server/index.ts";
import gate from "./functions/gate/tool.ts";

// A server that an MCP client starts, and may kill.
const [ingressUrl = "", adminUrl] = process.argv.slice(2);
serveMcpOnStdio({ restate: { ingressUrl, adminUrl }, tools: [gate] });
