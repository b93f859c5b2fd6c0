"""powercut - what a power cut does to files: writes, sizes and names that were not synced are lost,
all of them, none, or some pages of 4 KiB and not others.

    cut = PowerCut(system)       # before its start: its processes are watched from then on
    system.start() ... system.kill_up()
    cut.strike("some", dice)     # the data directory as a disk would have it afterwards
    system.start()

The library (powercut.c) has written down what was there before each write, and what was synced.
Names come and go in the order of their folder, as a file system with a journal has it; pages of a
file in any order, each as some write left it. A file's own sync does not keep its name, only that
of its folder does.
"""
import collections
import os
import pathlib
import shutil
import struct

from daybook import BIN

RECORD = struct.Struct("<c7xQQQQQ")
PAGE = 4096
NAMES = b"cmrul"


class Record:
    def __init__(self, place, fields, what):
        self.place = place
        self.kind, self.ino, self.at, self.size, self.n, _ = fields
        self.what = what

    def paths(self):
        return [part.decode() for part in self.what.split(b"\0")[:3]]

    def pages(self):
        return range(self.at // PAGE, (self.at + self.n - 1) // PAGE + 1)


class PowerCut:
    def __init__(self, system):
        self.data = system.data
        self.folder = system.folder / "power"
        self.folder.mkdir()
        self.log = self.folder / "log"
        system.extra_env.update({"LD_PRELOAD": str(BIN.parent / "test/powercut.so"),
                                 "POWER_DATA": str(self.data), "POWER_LOG": str(self.log)})
        self.lost_bytes = self.lost_names = 0

    def strike(self, mode, dice):
        """`mode`: what becomes of what was not synced: all is "lost", or "some" of it."""
        pending = unsynced(read(self.log))
        files = self.files()
        for ino, records in pending.items():
            if records[0].kind not in NAMES and ino in files:
                self.lost_bytes += tear(files[ino], records, mode, dice)
        self.forget_names([records for records in pending.values() if records[0].kind in NAMES],
                          mode, dice)
        for path in self.folder.iterdir():
            path.unlink()

    def files(self):
        found = {}
        for top in (self.folder, self.data):
            for folder, _, names in os.walk(top):
                for name in names:
                    path = pathlib.Path(folder, name)
                    found[path.lstat().st_ino] = path
        return found

    def forget_names(self, folders, mode, dice):
        undone = []
        for records in folders:
            undone += records[dice.randint(0, len(records)) if mode == "some" else 0:]
        for record in sorted(undone, key=lambda record: -record.place):
            self.lost_names += undo_name(record)


def read(log):
    if not log.exists():
        return []
    content, at, records = log.read_bytes(), 0, []
    while at + RECORD.size <= len(content):
        fields = RECORD.unpack_from(content, at)
        length = fields[-1]
        if at + RECORD.size + length > len(content):
            break  # it was being written
        what = content[at + RECORD.size:at + RECORD.size + length]
        records.append(Record(at, fields, what))
        at += RECORD.size + length
    return records


def unsynced(records):
    """{inode: its records that no sync followed}, of files and of folders."""
    pending = collections.defaultdict(list)
    by_place = {}
    for record in records:
        if record.kind == b"s":
            pending[record.ino] = [r for r in pending[record.ino] if r.place >= record.at]
        elif record.kind == b"d":
            done = by_place[record.at]
            keep = set(done.pages())
            pending[done.ino] = [r for r in pending[done.ino] if r.place > done.place or
                                 r.kind != b"w" or not set(r.pages()) <= keep]
        else:
            by_place[record.place] = record
            pending[record.ino].append(record)
    return {ino: left for ino, left in pending.items() if left}


def tear(path, records, mode, dice):
    """Brings back what was there before: all of it, or of each page what some write left."""
    writes = collections.Counter(page for r in records if r.kind == b"w" for page in r.pages())
    stays = {page: dice.randint(0, n) if mode == "some" else 0 for page, n in writes.items()}
    number = collections.Counter()
    size, undone = records[0].size, []
    for record in records:
        if record.kind == b"t":
            if mode == "some" and dice.random() < 0.5:
                size = record.at
            else:
                undone.append((record, None))
            continue
        for page in record.pages():
            number[page] += 1
            if number[page] > stays[page]:
                undone.append((record, page))
            else:
                size = max(size, min((page + 1) * PAGE, record.at + record.n))
    lost = 0
    with open(path, "r+b") as file:
        size = min(size, max(os.fstat(file.fileno()).st_size, records[0].size))
        for record, page in reversed(undone):
            begin = record.at if page is None else max(record.at, page * PAGE)
            end = record.size if page is None else min(record.at + record.n, (page + 1) * PAGE)
            if end > begin:
                old = record.what[begin - record.at:end - record.at]
                file.seek(begin)
                lost += file.write(old + bytes(end - begin - len(old)))
        file.truncate(size)
    return lost


def undo_name(record):
    path, to, backup = record.paths()
    if record.kind == b"m":
        shutil.rmtree(path, ignore_errors=True)
        return 1
    name = to if record.kind == b"r" else path
    if not os.path.lexists(name) and record.kind != b"u":
        return 0  # it never came to be
    if record.kind == b"r" and os.path.isdir(os.path.dirname(path)):
        os.replace(name, path)
    elif record.kind != b"u":
        os.unlink(name)
    if backup and os.path.isdir(os.path.dirname(name)):
        os.replace(backup, name)
    return 1
