/* useKeptFocus - what was done here may take away what had the focus: the keyboard goes on elsewhere
 * then, not at the top of the page. Who leaves it on their own goes where they go: while a field is
 * left for the next, nothing has the focus either. */
import { useCallback, useEffect, useRef } from "react";

/** `place`: where it goes on. Gives what is to be called when something is done. */
export function useKeptFocus(place: () => HTMLElement | null): () => void {
  const acted = useRef(false);
  const last = useRef<Element | null>(null);
  const taken = useRef(false);
  useEffect(() => {
    const onFocus = () => {
      last.current = document.activeElement;
      taken.current = false;
    };
    onFocus();
    document.addEventListener("focusin", onFocus);
    return () => document.removeEventListener("focusin", onFocus);
  }, []);
  useEffect(() => {
    /* It stays taken where a button is enabled again: the browser does not give it back. */
    taken.current ||= last.current?.isConnected === false || last.current?.matches(":disabled") === true;
    const nowhere = document.activeElement === null || document.activeElement === document.body;
    if (acted.current && taken.current && nowhere) place()?.focus({ preventScroll: true });
  });
  return useCallback(() => {
    acted.current = true;
  }, []);
}
