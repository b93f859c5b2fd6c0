/* onceKey - an Idempotency-Key. crypto.randomUUID would not do: a page from plain HTTP has it only
 * under the name localhost. */
export function onceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
