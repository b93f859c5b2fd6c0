/* Scroll - what may be wider than the view scrolls for itself; by keyboard too, so it takes the focus. */
import type { ReactNode } from "react";

interface ScrollProps {
  label: string;
  tall?: boolean;
  children: ReactNode;
}

export function Scroll({ label, tall, children }: ScrollProps) {
  return (
    <div className={tall ? "scroll tall" : "scroll"} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
