"""poison_stage - in the place of validate: passes rows on, and dies at a unit that holds the word
POISON, however often it is tried."""
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "examples/own-task"))

import daybook_stage  # noqa: E402


class Poisoned(daybook_stage.Stage):
    name = "validate"
    credit = 1

    def unit(self, work):
        if b"POISON" in work.payload:
            os.kill(os.getpid(), signal.SIGKILL)
        return work.payload


if __name__ == "__main__":
    daybook_stage.run(Poisoned())
