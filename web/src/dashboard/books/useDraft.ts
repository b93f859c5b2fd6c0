import { useEffect, useState } from "react";

function read(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // a browser may forbid to keep anything
  }
}

function write(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  } catch {
    /* then a reload loses it */
  }
}

/** A text that is being changed, kept over a reload of the page. null: it is not changed. */
export function useDraft(name: string): [string | null, (text: string | null) => void] {
  const [draft, setDraft] = useState(() => read(name));
  useEffect(() => write(name, draft), [name, draft]);
  return [draft, setDraft];
}
