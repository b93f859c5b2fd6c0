import { count } from "../shell/format";
import { AccountName } from "./AccountName";
import { Offer } from "./Offer";
import type { Answer } from "./reviewMachine";
import type { Answered } from "./useAnswers";

interface Props {
  answer: Answer;
  offer: Answered["offer"];
  onUndo: () => void;
}

/** What was answered last: a way back, and the rule that would do it from now on. */
export function LastAnswer({ answer, offer, onUndo }: Props) {
  const name = answer.group.merchant || answer.group.description;
  return (
    <div className="books-last">
      <p role="status">
        {count(answer.changed)} × <bdi>{name}</bdi> → <AccountName name={answer.account} />
      </p>
      {offer && (
        <details>
          <summary>
            Make it a rule
            {offer.would_change > 0 && <>: it would decide {count(offer.would_change)} more</>}{" "}
            <kbd>r</kbd>
          </summary>
          <Offer offer={offer} />
        </details>
      )}
      <button type="button" className="quiet" onClick={onUndo}>
        Undo <kbd>u</kbd>
      </button>
    </div>
  );
}
