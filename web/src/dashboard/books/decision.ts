/* Who decided an entry, in words. */

export type Source = "rule" | "history" | "llm" | "user" | "none";

export interface Decided {
  source: Source;
  decided_by: string;
  confidence: number;
}

/** "rule:Streaming@19214d7e8fe3" is the rule Streaming; the version is for whoever looks closer. */
export function ruleOf(decidedBy: string): string | null {
  const match = /^rule:(.*)@[0-9a-f]+$/s.exec(decidedBy);
  return match?.[1] ?? null;
}

const WORDS: Record<Source, string> = {
  rule: "Rule",
  history: "History",
  llm: "Model",
  user: "You",
  none: "Nobody",
};

export function decisionText({ source, decided_by }: Decided): string {
  const rule = source === "rule" ? ruleOf(decided_by) : null;
  return rule ? `${WORDS.rule} ${rule}` : WORDS[source];
}

/** Whole per cent; null where the number says nothing: a person is sure, and nobody is not. */
export function percentOf({ source, confidence }: Decided): number | null {
  return source === "user" || source === "none" ? null : Math.round(confidence * 100);
}
