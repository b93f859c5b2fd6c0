/* FileDrop - where a file is dropped, or chosen. */
import { type DragEvent, useId, useState } from "react";
import { bytes } from "../shell/format";

export function FileDrop({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const id = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    <div
      className="drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>
        {file ? (
          <>
            <b>{file.name}</b> <span className="muted">{bytes(file.size)}</span>
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
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          if (chosen) onFile(chosen);
        }}
      />
    </div>
  );
}
