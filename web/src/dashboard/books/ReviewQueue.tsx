import { useEffect, useRef } from "react";
import { count } from "../shell/format";
import { Money } from "./Money";
import { type Group, keyOf } from "./reviewMachine";

interface Props {
  groups: readonly Group[];
  at: number;
  skipped: readonly string[];
  onGo: (at: number) => void;
}

/** The queue: a line a merchant, the largest group first, those put aside last. */
export function ReviewQueue({ groups, at, skipped, onGo }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const aside = new Set(skipped);

  useEffect(() => {
    const box = list.current;
    const here = box?.children[at];
    if (!box || !(here instanceof HTMLElement)) return;
    const above = here.offsetTop - box.offsetTop;
    if (above < box.scrollTop) box.scrollTop = above;
    const below = above + here.offsetHeight - box.clientHeight;
    if (below > box.scrollTop) box.scrollTop = below;
  }, [at, groups]);

  return (
    <nav className="books-queue" aria-label="Queue">
      <ol ref={list}>
        {groups.map((group, i) => (
          <li key={keyOf(group)} className={aside.has(keyOf(group)) ? "books-aside" : undefined}>
            <button
              type="button"
              tabIndex={i === at ? 0 : -1}
              aria-current={i === at ? "true" : undefined}
              onClick={() => onGo(i)}
            >
              <span className="books-text">{group.merchant || group.description || "no description"}</span>
              <span className="books-count">{count(group.count)}×</span>
              <Money amount={group.amount} currency={group.currency} flow />
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
