/* statements - bank files of our own. */

/** Descriptions that would do harm where they are taken for more than text. */
export const NASTY = [
  '<script>window.harmed = 1</script>',
  '<img src=x onerror="window.harmed = 1">',
  '"><svg onload=window.harmed=1>',
];

const KNOWN = ["NETFLIX.COM", "SHELL OIL 5744", "STARBUCKS STORE 1458", "WHOLE FOODS MARKET"];
/* A merchant that no starter rule knows. */
export const UNKNOWN = "ZEBRAKIOSK ZURICH";

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);

/** `rows` rows from day `first` on: merchants that rules know, one that nobody knows, and harm. */
export function statement(rows: number, first = 0): string {
  const names = [...KNOWN, UNKNOWN, ...NASTY];
  const lines = ["Date,Description,Amount"];
  for (let i = 0; i < rows; i++) {
    const amount = i % 10 === 9 ? `${900 + i}.00` : `-${3 + (i % 40)}.${10 + (i % 90)}`;
    const name = i % 10 === 9 ? "PAYROLL ACME INC" : (names[i % names.length] ?? "");
    lines.push(`${day(first + Math.floor(i / 10))},${quoted(name)},${amount}`);
  }
  return lines.join("\n") + "\n";
}
