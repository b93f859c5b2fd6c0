/* useHere - whether a view is still looked at, for what ends later: it must not lead away from another. */
import { type RefObject, useEffect, useRef } from "react";

export function useHere(): Readonly<RefObject<boolean>> {
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return here;
}
