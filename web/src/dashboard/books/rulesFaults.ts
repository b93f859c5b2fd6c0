/* Where the faults of a rules text are, from the problem that refused it. */

export interface RulesFault {
  /** From 1; 0 where the fault is not at a place of the text. */
  line: number;
  column: number;
  message: string;
}

interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/** `errors` of a problem: loc is ["body", field, line, column]. */
export function faultsOf(errors: readonly FieldError[], field: string): RulesFault[] {
  return errors
    .filter((error) => error.loc[1] === field)
    .map(({ loc, msg }) => ({
      line: typeof loc[2] === "number" ? loc[2] : 0,
      column: typeof loc[3] === "number" ? loc[3] : 0,
      message: msg,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The offset of a line and column (in characters of Unicode, both from 1) in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, Math.max(0, line - 1));
  const start = before.reduce((length, one) => length + one.length + 1, 0);
  const here = lines[line - 1] ?? "";
  const head = [...here].slice(0, Math.max(0, column - 1)).join("");
  return Math.min(start + head.length, text.length);
}

/** A rules text with one more rule at its end, a blank line before it. */
export function withRule(rules: string, rule: string): string {
  const trimmed = rules.trimEnd();
  return `${trimmed}${trimmed ? "\n\n" : ""}${rule.trimEnd()}\n`;
}
