/* ReadingForm - each part of how a file is read: what was taken and how sure that is, and a place to
 * say otherwise. */
import { Field } from "../shell/Field";
import { PARTS, type Part, type Preview, type Told, takenText } from "./reading";

interface ReadingFormProps {
  preview: Preview;
  told: Told;
  /** Only these parts; default: all that the file has, or that were told. */
  only?: readonly string[];
  onTell: (key: string, value: string) => void;
}

function Input({ part, preview, told, onTell, ...rest }: ReadingFormProps & { part: Part }) {
  const value = told[part.key] ?? "";
  const tell = (text: string) => onTell(part.key, text);
  const columns = preview.reading?.columns ?? [];
  const taken = takenText(preview, part);
  const asIs = taken ? `As it is: ${taken}` : "Choose…";
  if (part.column && columns.length > 0)
    return (
      <select {...rest} value={value} onChange={(e) => tell(e.target.value)}>
        <option value="">{asIs}</option>
        {columns.map((name, i) => (
          <option key={i} value={i + 1}>
            {i + 1}: {name}
          </option>
        ))}
      </select>
    );
  if (part.values)
    return (
      <select {...rest} value={value} onChange={(e) => tell(e.target.value)}>
        <option value="">{asIs}</option>
        {part.values.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    );
  return <input {...rest} value={value} placeholder={taken} onChange={(e) => tell(e.target.value)} />;
}

export function ReadingForm({ preview, told, only, onTell }: ReadingFormProps) {
  const sure = preview.reading?.sure ?? {};
  const shown = PARTS.filter((part) =>
    only ? only.includes(part.key) : told[part.key] !== undefined || takenText(preview, part) !== "",
  );
  return (
    <div className="form">
      {shown.map((part) => (
        <Field key={part.key} label={part.label} hint={sure[part.key]}>
          <Input part={part} preview={preview} told={told} onTell={onTell} />
        </Field>
      ))}
    </div>
  );
}
