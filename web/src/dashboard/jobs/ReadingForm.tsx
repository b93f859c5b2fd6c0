/* ReadingForm - each part of how a file is read: what was taken and how sure that is, and a place to
 * say otherwise. What is said counts once it stands: each answer has the file read again. */
import type { ReactNode } from "react";
import { Field } from "../shell/Field";
import { PAUSE_MS, useSettled } from "../shell/useSettled";
import { PARTS, type Part, type Preview, type Refusal, type Told, takenText } from "./reading";

export interface ReadingFormProps {
  preview: Preview;
  told: Told;
  /** What the reader says to what it was told last. */
  refusal: Refusal | null;
  /** Only these parts; default: all that the file has, or that were told. */
  only?: readonly string[];
  onTell: (key: string, value: string) => void;
  children?: ReactNode;
}

/** What can be chosen; null: it is typed. */
function choicesOf(part: Part, columns: readonly string[]): readonly (readonly [string, string])[] | null {
  if (part.column && columns.length > 0)
    return columns.map((name, i) => [String(i + 1), `${i + 1}: ${name}`] as const);
  return part.values ?? null;
}

function Input({ part, preview, told, onTell, ...rest }: Omit<ReadingFormProps, "refusal"> & { part: Part }) {
  const choices = choicesOf(part, preview.reading?.columns ?? []);
  /* Who goes through choices by arrow keys pauses at each. */
  const pauseMs = choices ? null : PAUSE_MS;
  const settled = useSettled(told[part.key] ?? "", (text) => onTell(part.key, text.trim()), pauseMs);
  const taken = takenText(preview, part);
  if (!choices) return <input {...rest} {...settled} placeholder={taken} autoComplete="off" />;
  return (
    <select {...rest} {...settled}>
      <option value="">{taken ? `As it is: ${taken}` : "Choose…"}</option>
      {choices.map(([name, label]) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </select>
  );
}

export function ReadingForm({ preview, told, refusal, only, onTell, children }: ReadingFormProps) {
  const sure = preview.reading?.sure ?? {};
  const shown = PARTS.filter((part) =>
    only ? only.includes(part.key) : told[part.key] !== undefined || takenText(preview, part) !== "",
  );
  return (
    <form className="form" onSubmit={(event) => event.preventDefault()}>
      {shown.map((part) => (
        <Field
          key={part.key}
          label={part.label}
          hint={sure[part.key]}
          error={refusal?.key === part.key ? refusal.message : undefined}
        >
          <Input part={part} preview={preview} told={told} onTell={onTell} />
        </Field>
      ))}
      {children}
    </form>
  );
}
