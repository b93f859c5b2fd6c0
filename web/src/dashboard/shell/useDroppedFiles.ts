/* useDroppedFiles - files that are dropped anywhere on the page, for which the browser would leave it.
 * A view listens at the document; what none has taken is heard at the window. */
import { useEffect, useRef, useState } from "react";

function hasFiles(event: DragEvent): boolean {
  return !event.defaultPrevented && (event.dataTransfer?.types.includes("Files") ?? false);
}

/** Gives whether some are held over the page. */
export function useDroppedFiles(at: Document | Window, onFiles: (files: FileList) => void): boolean {
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
    const listeners = { dragover: onOver, dragleave: onLeave, drop: onDrop };
    const all = Object.entries(listeners) as [string, EventListener][];
    for (const [name, listener] of all) at.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of all) at.removeEventListener(name, listener);
    };
  }, [at]);
  return over;
}
