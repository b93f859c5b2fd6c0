import { useMemo, useState } from "react";
import type { Schemas } from "../../client/api";
import { Link } from "../shell/router";
import { accountTree, visibleRows } from "./accountTree";
import { Money } from "./Money";
import { signOf, sum } from "./money";

interface Props {
  balances: Schemas["Balances"];
  currency: string;
  at: string;
}

/** A trial balance: accounts as a tree with subtotals, debits beside credits, and their equal sums. */
export function BalanceTable({ balances, currency, at }: Props) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => accountTree(balances.items, currency), [balances, currency]);
  const rows = visibleRows(tree, folded);
  const total = balances.totals.find((one) => one.currency === currency);
  const zero = sum(balances.items.filter((i) => i.currency === currency).map((i) => i.balance));
  const fold = (name: string) => {
    const next = new Set(folded);
    if (!next.delete(name)) next.add(name);
    setFolded(next);
  };

  return (
    <section aria-labelledby="trial-balance">
      <h2 id="trial-balance">
        Trial balance, {currency}
        {at && `, at the end of ${at}`}
      </h2>
      <div className="scroll">
        <table className="books-balance">
          <caption className="hidden">
            Accounts with their balances in {currency}; debits are positive, credits negative
          </caption>
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col" className="number">Balance</th>
              <th scope="col" className="number books-wide">With those below</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((node) => {
              const shut = folded.has(node.name);
              const parent = node.children.length > 0;
              return (
                <tr key={node.name} className={`books-depth-${Math.min(node.depth, 5)}`}>
                  <th scope="row">
                    {parent ? (
                      <button
                        type="button"
                        className="books-fold"
                        aria-expanded={!shut}
                        aria-label={`${node.name}: accounts below it`}
                        onClick={() => fold(node.name)}
                      >
                        <span aria-hidden="true">{shut ? "▸" : "▾"}</span>
                      </button>
                    ) : (
                      <span className="books-fold" aria-hidden="true" />
                    )}
                    <Link to="/dashboard/transactions" query={{ account: node.name, to: at }}>
                      {node.label}
                    </Link>
                  </th>
                  <td className="number">
                    {node.own !== null ? (
                      <Money amount={node.own} />
                    ) : (
                      shut && <Money amount={node.total} />
                    )}
                  </td>
                  <td className="number books-wide">{parent && <Money amount={node.total} />}</td>
                </tr>
              );
            })}
          </tbody>
          {total && (
            <tfoot>
              <tr>
                <th scope="row">
                  Debits <Money amount={total.debit} /> less credits <Money amount={total.credit} />
                </th>
                <td className="number">
                  <Money amount={zero} />
                </td>
                <td className={`books-wide number ${signOf(zero) === 0 ? "good" : "bad"}`}>
                  {signOf(zero) === 0 ? "✓ balanced" : "not balanced"}
                </td>
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </section>
  );
}
