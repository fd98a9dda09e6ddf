export interface Span { from: number; to: number }
export interface FanOut { question: string; agent: string; awake: Span[]; model: Span[]; calls: (Span & { tool: string; input: unknown; issued: number })[] }
