/* toasts - short words about what was just done, with a way back where there is one. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  undo?: (() => void) | undefined;
}

type Say = (text: string, options?: { undo?: () => void; bad?: boolean }) => void;

const SHOWN_MS = 8000;
const Context = createContext<Say>(() => undefined);
let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const say = useCallback<Say>(
    (text, options = {}) => {
      const toast = { id: ++lastId, text, bad: options.bad ?? false, undo: options.undo };
      setToasts((all) => [...all.slice(-2), toast]);
      setTimeout(() => drop(toast.id), SHOWN_MS);
    },
    [drop],
  );
  const shown = useMemo(
    () =>
      toasts.map((toast) => (
        <div key={toast.id} className="toast" data-bad={toast.bad || undefined}>
          <span>{toast.text}</span>
          {toast.undo && (
            <button
              type="button"
              onClick={() => {
                drop(toast.id);
                toast.undo?.();
              }}
            >
              Undo
            </button>
          )}
          <button type="button" className="quiet" aria-label="Dismiss" onClick={() => drop(toast.id)}>
            ×
          </button>
        </div>
      )),
    [toasts, drop],
  );
  return (
    <Context value={say}>
      {children}
      <div className="toasts" role="status">
        {shown}
      </div>
    </Context>
  );
}

export function useToast(): Say {
  return useContext(Context);
}
