"""hanging_stage - in the place of validate: hangs at a unit that holds the word HANG, beating all
the while, and refuses one that holds AGAIN for now, noting when."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "examples/own-task"))

import daybook_stage  # noqa: E402


class Hanging(daybook_stage.Stage):
    name = "validate"
    credit = 2

    def unit(self, work):
        if b"AGAIN" in work.payload:
            with open("tries", "a", encoding="ascii") as tries:
                tries.write(f"{time.monotonic()}\n")
            raise daybook_stage.Fail("not-now", "not now", retry=True)
        while b"HANG" in work.payload and work.alive():
            time.sleep(0.05)
        return work.payload


if __name__ == "__main__":
    daybook_stage.run(Hanging())
