"""sampler - the peak of anonymous memory (RssAnon) of each process, looked at every 30 ms."""
import threading
import time

EVERY_S = 0.03
LIST_EVERY_S = 0.5


def anonymous_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


class Sampler:
    """`processes()` gives {pid: name}; `peaks` is {name: bytes}, `samples` how many were taken."""

    def __init__(self, processes):
        self.processes = processes
        self.peaks, self.samples = {}, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        known, listed = {}, 0.0
        while not self.ended.wait(EVERY_S):
            if time.monotonic() - listed > LIST_EVERY_S:
                known, listed = self.processes(), time.monotonic()
            for pid, name in known.items():
                try:
                    value = anonymous_bytes(pid)
                except OSError:
                    continue
                self.peaks[name] = max(self.peaks.get(name, 0), value)
                self.samples += 1

    def stop(self):
        self.ended.set()
        self.thread.join(10)
        return self.peaks
