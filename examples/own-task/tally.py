"""tally - an effect stage of one's own, in Python: counts words, once by (job, unit).

A unit may come twice: the first worker may have died between its commit and its answer. So the
record that a unit is done is written in the same transaction as what it did, and a second time
changes nothing. Finish sums up what was really stored: that is the job's `result`.
"""
import os
import sqlite3

import msgpack

import daybook_stage


class Tally(daybook_stage.Stage):
    name = "tally"

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript("""
            pragma journal_mode = wal;
            create table if not exists done(job blob, unit integer, lines integer,
                primary key (job, unit));
            create table if not exists words(job blob, unit integer, word text, n integer,
                primary key (job, unit, word));
            """)

    def unit(self, work):
        counts = {}
        lines = msgpack.unpackb(work.payload)
        for line in lines:
            for word in line.lower().split():
                counts[word] = counts.get(word, 0) + 1
        with self.db:
            self.db.execute("begin immediate")
            new = self.db.execute("insert or ignore into done values (?, ?, ?)",
                                  (work.job, work.unit, len(lines))).rowcount
            if new:
                self.db.executemany("insert into words values (?, ?, ?, ?)",
                                    [(work.job, work.unit, w, n) for w, n in counts.items()])
        work.rows_out = 0  # nothing goes on

    def finish(self, work):
        lines, = self.db.execute("select coalesce(sum(lines), 0) from done where job = ?",
                                 (work.job,)).fetchone()
        words, = self.db.execute("select coalesce(sum(n), 0) from words where job = ?",
                                 (work.job,)).fetchone()
        top = self.db.execute("select word, sum(n) from words where job = ? group by word "
                              "order by 2 desc, 1 limit 5", (work.job,)).fetchall()
        return {"lines": lines, "words": words, "top": dict(top)}


if __name__ == "__main__":
    daybook_stage.run(Tally(os.path.join(os.environ.get("DAYBOOK_DATA", "."), "tally.db")))
