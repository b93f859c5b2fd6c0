/* csv - the API's own CSV answers as records (RFC 4180). */

export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) break;
    row.push(found[1] !== undefined ? found[1].replace(/""/g, '"') : (found[2] ?? ""));
    if (found[3] !== ",") {
      rows.push(row);
      row = [];
    }
  }
  if (row.length > 0) rows.push([...row, ""]); /* it ends in a comma, without a line break */
  const [header = [], ...records] = rows;
  return records.map((values) => Object.fromEntries(header.map((name, i) => [name, values[i] ?? ""])));
}
