import { count } from "../shell/format";
import { progressOf, type ReviewState } from "./reviewMachine";

interface Props {
  state: ReviewState;
  /** The queue is longer than what was read of it. */
  more: boolean;
}

/** How far the queue is: what was answered here beside what still waits. */
export function ReviewProgress({ state, more }: Props) {
  const { answered, waiting } = progressOf(state);
  if (answered + waiting === 0) return null;
  const merchants = state.groups.length;
  const words =
    `${count(waiting)}${more ? " or more" : ""} ${waiting === 1 ? "waits" : "wait"} in ` +
    `${count(merchants)}${more ? " or more" : ""} ${merchants === 1 ? "group" : "groups"}`;
  return (
    <div className="books-progress">
      <progress
        aria-label="Review"
        aria-valuetext={`${count(answered)} answered, ${words}`}
        max={answered + waiting}
        value={answered}
      />
      <span>
        <strong>{count(answered)}</strong> answered
      </span>
      <span className="muted">{words}</span>
    </div>
  );
}
