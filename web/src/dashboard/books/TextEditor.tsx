import { useId, useLayoutEffect, useRef, type KeyboardEvent } from "react";
import { offsetOf, type RulesFault } from "./rulesFaults";

const ROWS_MIN = 12;
const ROWS_MAX = 30;

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  faults: readonly RulesFault[];
  onSave: () => void;
}

/** A plain text with line numbers; faults are marked at their lines and listed with a way there. */
export function TextEditor({ label, value, onChange, faults, onSave }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  const faulty = new Set(faults.map((fault) => fault.line));

  const follow = () => {
    if (gutter.current && area.current) gutter.current.scrollTop = area.current.scrollTop;
  };
  useLayoutEffect(follow, [lines]);
  const goTo = ({ line, column }: RulesFault) => {
    const field = area.current;
    if (!field) return;
    const offset = offsetOf(value, line, column);
    field.focus();
    field.setSelectionRange(offset, offset);
    const height = field.scrollHeight / Math.max(lines, 1);
    field.scrollTop = Math.max(0, (line - 4) * height);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSave();
  };

  return (
    <div className="books-editor">
      <label htmlFor={`${id}-text`}>{label}</label>
      <div className="books-editor-box">
        <div ref={gutter} className="books-gutter" aria-hidden="true">
          {Array.from({ length: lines }, (_, i) => (
            <div key={i} className={faulty.has(i + 1) ? "books-faulty" : undefined}>
              {i + 1}
            </div>
          ))}
        </div>
        <textarea
          id={`${id}-text`}
          ref={area}
          value={value}
          rows={Math.max(ROWS_MIN, Math.min(lines + 1, ROWS_MAX))}
          wrap="off"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          aria-invalid={faults.length > 0}
          aria-describedby={faults.length > 0 ? `${id}-faults` : undefined}
          onChange={(event) => onChange(event.target.value)}
          onScroll={follow}
          onKeyDown={onKeyDown}
        />
      </div>
      {faults.length > 0 && (
        <div role="alert">
          <p className="books-faults-head">
            {faults.length === 1 ? "One fault" : `${faults.length} faults`}; nothing was saved.
          </p>
          <ul id={`${id}-faults`} className="books-faults">
            {faults.map((fault, i) => (
              <li key={i}>
                {fault.line > 0 && (
                  <button type="button" className="books-link" onClick={() => goTo(fault)}>
                    Line {fault.line}, column {fault.column}
                  </button>
                )}{" "}
                {fault.message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
