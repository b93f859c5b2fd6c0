/* useShown - how much of a list is shown, in the address, so that a reload and a copied link show as
 * much. */
import { useQuery } from "./router";
import type { Pages } from "./usePages";

const MAX = 1000; /* of one page of the API */

/** `limitOf`: how many to ask for at a cursor. `morePages`: the list's `more`, which is remembered. */
export function useShown(page: number) {
  const [query, change] = useQuery();
  const told = Number(query.get("shown"));
  const first = Math.min(Math.max(page, Number.isInteger(told) ? told : page), MAX);
  return {
    limitOf: (cursor: string | undefined) => (cursor === undefined ? first : page),
    moreOf: <T>({ more, items }: Pages<T>) =>
      more &&
      (() => {
        change({ shown: items.length + page }, { replace: true });
        more();
      }),
  };
}
