/* Field - a labelled input with what is wrong with it. */
import { type ReactElement, cloneElement, useId } from "react";

interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  /** One input, select or textarea. */
  children: ReactElement<{ id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean }>;
}

export function Field({ label, error, hint, children }: FieldProps) {
  const id = useId();
  const about = error || hint ? `${id}-about` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, {
        id,
        ...(about ? { "aria-describedby": about } : {}),
        ...(error ? { "aria-invalid": true } : {}),
      })}
      {about && (
        <small id={about} className={error ? "bad" : "muted"}>
          {error ?? hint}
        </small>
      )}
    </div>
  );
}
