/* useAnnouncement - what a screen reader is told: at most once in 5 s, the newest of what was held
 * back, and the end of the job without delay. */
import { useEffect, useRef, useState } from "react";

const EVERY_MS = 5000;

export function useAnnouncement(text: string, urgent: boolean): string {
  const [said, setSaid] = useState("");
  const lastMs = useRef(-Infinity);
  useEffect(() => {
    const waitMs = urgent ? 0 : lastMs.current + EVERY_MS - performance.now();
    const say = () => {
      lastMs.current = performance.now();
      setSaid(text);
    };
    if (waitMs <= 0) return say();
    const timer = setTimeout(say, waitMs);
    return () => clearTimeout(timer);
  }, [text, urgent]);
  return said;
}
