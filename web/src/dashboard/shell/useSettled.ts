/* useSettled - what is typed or chosen in a field counts once it stands: at Enter, when the field is
 * left, or after a pause. For fields whose every change asks the server something. */
import { type ChangeEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";

/** Of somebody who has typed all of it. */
export const PAUSE_MS = 800;

type Control = HTMLInputElement | HTMLSelectElement;

/** What an input or select takes; `pauseMs` null: time alone settles nothing. */
export function useSettled(value: string, onSettle: (value: string) => void, pauseMs: number | null) {
  const [draft, setDraft] = useState(value);
  const tell = useRef(onSettle);
  tell.current = onSettle;
  useEffect(() => setDraft(value), [value]);
  useEffect(() => {
    if (pauseMs === null || draft === value) return;
    const timer = setTimeout(() => tell.current(draft), pauseMs);
    return () => clearTimeout(timer);
  }, [draft, value, pauseMs]);
  const settle = () => {
    if (draft !== value) onSettle(draft);
  };
  return {
    value: draft,
    onChange: (event: ChangeEvent<Control>) => setDraft(event.target.value),
    onBlur: settle,
    onKeyDown: (event: KeyboardEvent<Control>) => {
      if (event.key === "Enter") settle();
    },
  };
}
