import { formatMoney, signOf } from "./money";

interface Props {
  amount: string;
  currency?: string;
  /** Say by colour and sign which way the money went; plain figures stay plain. */
  flow?: boolean;
}

/** An amount in figures of one width; which way it went is in its sign, the colour only repeats it. */
export function Money({ amount, currency, flow = false }: Props) {
  const sign = signOf(amount);
  const tone = flow ? (sign > 0 ? " books-in" : sign < 0 ? " books-out" : "") : "";
  return (
    <span className={`books-money${tone}`}>
      {formatMoney(amount, { plus: flow })}
      {currency && <span className="books-currency"> {currency}</span>}
    </span>
  );
}
