import { Fragment } from "react";

/** An account's name that may be broken after each part. */
export function AccountName({ name }: { name: string }) {
  const parts = name.split(":");
  return (
    <span className="books-account">
      {parts.map((part, i) => (
        <Fragment key={i}>
          {i < parts.length - 1 ? (
            <>
              <span className="books-above">{part}:</span>
              <wbr />
            </>
          ) : (
            part
          )}
        </Fragment>
      ))}
    </span>
  );
}
