/* The chart of accounts as the text that the API takes. */

interface Account {
  name: string;
  currency: string | null;
  note: string;
}

/** A line an account: its name, its currency, and after a semicolon what belongs there. */
export function chartText(accounts: readonly Account[]): string {
  return accounts
    .map(({ name, currency, note }) => {
      const head = currency ? `${name} ${currency}` : name;
      return `${note ? `${head} ; ${note}` : head}\n`;
    })
    .join("");
}
