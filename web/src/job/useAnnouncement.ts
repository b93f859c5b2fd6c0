/* useAnnouncement - what a screen reader is told: at most once in 5 s, of what was held back only the
 * newest. (Errors do not wait: they are alerts.) */
import { useEffect, useRef, useState } from "react";

const EVERY_MS = 5000;

export function useAnnouncement(text: string): string {
  const [said, setSaid] = useState("");
  const lastMs = useRef(-Infinity);
  useEffect(() => {
    if (text === said) return;
    const say = () => {
      lastMs.current = performance.now();
      setSaid(text);
    };
    const timer = setTimeout(say, Math.max(0, lastMs.current + EVERY_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [text, said]);
  return said;
}
