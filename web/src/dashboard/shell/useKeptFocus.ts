/* useKeptFocus - what was done here may take away what had the focus: the keyboard goes on elsewhere
 * then, not at the top of the page. */
import { useCallback, useEffect, useRef } from "react";

/** `place`: where it goes on. Gives what is to be called when something is done. */
export function useKeptFocus(place: () => HTMLElement | null): () => void {
  const acted = useRef(false);
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (acted.current && lost) place()?.focus({ preventScroll: true });
  });
  return useCallback(() => {
    acted.current = true;
  }, []);
}
