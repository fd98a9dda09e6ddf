export interface Entry { kind: string; name: string; kept: boolean }
export interface Replay { agent: string; entries: Entry[]; agentInvocations: number; toolInvocations: number; modelRequests: number }
