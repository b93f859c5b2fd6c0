/* FileDrop - where a file is dropped, or chosen. One that falls beside the box is taken too. */
import { useId, useState } from "react";
import { bytes } from "../shell/format";
import { useDroppedFiles } from "../shell/useDroppedFiles";

export function FileDrop({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const [left, setLeft] = useState<string[]>([]);
  const id = useId();
  const take = (files: FileList | null) => {
    const [first, ...others] = [...(files ?? [])];
    if (!first) return;
    setLeft(others.map((other) => other.name));
    onFile(first);
  };
  const over = useDroppedFiles(document, take);
  return (
    <div className="drop" data-over={over || undefined}>
      <p>
        {file ? (
          <>
            <b>
              <bdi>{file.name}</bdi>
            </b>{" "}
            <span className="muted">{bytes(file.size)}</span>
          </>
        ) : (
          "Drop a bank's CSV file here"
        )}
      </p>
      <label htmlFor={id} className="muted">
        {file ? "Another file: " : "or choose it: "}
      </label>
      <input
        id={id}
        type="file"
        accept=".csv,.txt,.tsv,text/csv,text/plain"
        onChange={(event) => take(event.target.files)}
      />
      {left.length > 0 && (
        <p role="status" className="warn">
          One file at a time. Not taken: <bdi>{left.join(", ")}</bdi>
        </p>
      )}
    </div>
  );
}
