/* Finding an account by a few letters of it. */

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How well a word fits a name: 0 not at all, more is better. */
function fit(name: string, word: string): number {
  const at = name.indexOf(word);
  if (at === -1) return 0;
  if (name === word || name.endsWith(`:${word}`)) return 4;
  return at === 0 || name[at - 1] === ":" ? 3 : 1;
}

/** The accounts that hold every word typed, best first; all of them where nothing is typed. A part
 * typed whole ("food") goes before one that begins so, and that before one that holds it. */
export function searchAccounts(accounts: readonly string[], typed: string): string[] {
  const words = fold(typed).split(/[\s:]+/).filter(Boolean);
  const found = accounts.flatMap((account, order) => {
    const name = fold(account);
    const fits = words.map((word) => fit(name, word));
    if (fits.includes(0)) return [];
    return [{ account, order, score: fits.reduce((a, b) => a + b, 0) }];
  });
  found.sort((a, b) => b.score - a.score || a.order - b.order);
  return found.map(({ account }) => account);
}
