/* FileDrop - where a file is dropped, or chosen. One that falls beside the box is taken too: the
 * browser would leave the page for it. */
import { useEffect, useId, useRef, useState } from "react";
import { bytes } from "../shell/format";

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** Files that are dropped anywhere on the page; gives whether some are held over it. */
function useDroppedFiles(onFiles: (files: FileList) => void): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false); /* it has left the window */
    };
    const onDrop = (event: DragEvent) => {
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take.current(event.dataTransfer.files);
    };
    document.addEventListener("dragover", onOver);
    document.addEventListener("dragleave", onLeave);
    document.addEventListener("drop", onDrop);
    return () => {
      document.removeEventListener("dragover", onOver);
      document.removeEventListener("dragleave", onLeave);
      document.removeEventListener("drop", onDrop);
    };
  }, []);
  return over;
}

export function FileDrop({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const [left, setLeft] = useState<string[]>([]);
  const id = useId();
  const take = (files: FileList | null) => {
    const [first, ...others] = [...(files ?? [])];
    if (!first) return;
    setLeft(others.map((other) => other.name));
    onFile(first);
  };
  const over = useDroppedFiles(take);
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
