import { useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from "react";
import { AccountName } from "./AccountName";
import { searchAccounts } from "./accountSearch";

const SHOWN_MAX = 50;

export interface PickerHandle {
  focus(): void;
}

interface Props {
  label: string;
  accounts: readonly string[];
  /** What is typed; the field is its owner's, so that it can be cleared. */
  value: string;
  onType: (typed: string) => void;
  /** An account was chosen: by Enter, or by a click. */
  onChoose: (account: string) => void;
  onCancel?: () => void;
  /** Shown before all others while nothing is typed. */
  suggestions?: readonly string[];
  /** The list is there all the time instead of only while the field is used. */
  open?: boolean;
  describedBy?: string;
  ref?: Ref<PickerHandle>;
}

/** Only what the chart has: nothing else can be booked to. */
function optionsFor({ accounts, value, suggestions = [] }: Props): string[] {
  const typed = value.trim();
  const first = suggestions.filter((account) => accounts.includes(account));
  const order = typed ? accounts : [...new Set([...first, ...accounts])];
  return searchAccounts(order, typed).slice(0, SHOWN_MAX);
}

/** A field that finds an account by a few letters: a combobox of the ARIA patterns. */
export function AccountPicker(props: Props) {
  const { label, value, onType, onChoose, onCancel, open, describedBy, ref } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [active, setActive] = useState(0);
  const [used, setUsed] = useState(false);
  const options = optionsFor(props);
  const shown = (open || used) && options.length > 0;
  const at = Math.min(active, options.length - 1);

  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }), []);

  const move = (event: KeyboardEvent, to: number) => {
    event.preventDefault();
    const next = Math.max(0, Math.min(to, options.length - 1));
    setActive(next);
    setUsed(true);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const choose = (account: string | undefined) => {
    if (account === undefined) return;
    setUsed(false);
    setActive(0);
    onChoose(account);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") move(event, shown ? at + 1 : 0);
    else if (event.key === "ArrowUp") move(event, at - 1);
    else if (event.key === "Enter" && (shown || open)) {
      event.preventDefault();
      choose(options[at]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      setUsed(false);
      onCancel?.();
    }
  };

  return (
    <div className={`books-picker${open ? " books-picker-open" : ""}`}>
      <label htmlFor={`${id}-input`}>{label}</label>
      <input
        id={`${id}-input`}
        ref={input}
        type="text"
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown ? `${id}-${at}` : undefined}
        aria-describedby={describedBy}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="Type a part of its name"
        value={value}
        onChange={(event) => {
          setActive(0);
          setUsed(true);
          onType(event.target.value);
        }}
        onFocus={() => setUsed(true)}
        onBlur={() => setUsed(false)}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} hidden={!shown}>
        {options.map((account, i) => (
          <li
            key={account}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            // before the field loses the focus, and with it the list
            onMouseDown={(event) => {
              event.preventDefault();
              choose(account);
            }}
          >
            <AccountName name={account} />
          </li>
        ))}
      </ul>
      {value.trim() && options.length === 0 && (
        <p className="books-hint">No account holds this. A new one is named in full, as Expenses:Hobby.</p>
      )}
    </div>
  );
}
