"""subject.py - what is measured: daybook and the Python reference, started, fed and stopped."""
import glob
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BOUNDARY = "daybook-bench-boundary"


class BenchError(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def multipart(path, company):
    """The whole request body, made before the clock starts."""
    fields = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("company_id", company), ("tenant_id", "bench")))
    head = (f'{fields}--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{os.path.basename(path)}"\r\nContent-Type: text/csv\r\n\r\n')
    with open(path, "rb") as file:
        return head.encode() + file.read() + f"\r\n--{BOUNDARY}--\r\n".encode()


class Subject:
    """A server on a port of its own, spoken to over one kept-alive connection."""

    name = ""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.process = None
        self.http = None

    def launch(self, argv, ready_path):
        os.makedirs(self.folder, exist_ok=True)
        self.log = os.path.join(self.folder, self.name + ".log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                status, _ = self.call("GET", ready_path)
                if status != 503:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise BenchError(f"{self.name} did not start; its log: {self.log}")

    def call(self, method, path, body=None, content_type=None):
        was_open = self.http is not None
        if not was_open:
            self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            headers = {"Content-Type": content_type} if content_type else {}
            self.http.request(method, path, body, headers)
            answer = self.http.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as why:
            self.http = None
            if was_open and method == "GET":  # closed by the server while we were elsewhere
                return self.call(method, path)
            raise OSError(str(why)) from why

    def submit(self, body):
        self.http = None  # a connection that was idle for long may be gone by now
        status, answer = self.call("POST", "/api/jobs/upload-and-categorize", body,
                                   f"multipart/form-data; boundary={BOUNDARY}")
        if status not in (200, 202):
            raise BenchError(f"{self.name} refused the upload: {status} {answer[:300]}")
        return json.loads(answer)["job_id"]

    def job(self, job_id):
        return json.loads(self.call("GET", f"/api/jobs/{job_id}")[1])

    def wait(self, job_id, every_s):
        while True:
            job = self.job(job_id)
            if job["status"] not in ("pending", "running"):
                break
            time.sleep(every_s)
        if job["status"] != "complete":
            raise BenchError(f"{self.name}: job {job['status']}: {job['error']}")
        return job

    def run(self, path, company, every_s):
        """(seconds, job record) of one file from the first byte sent to seen complete."""
        body = multipart(path, company)
        begun = time.monotonic()
        job_id = self.submit(body)
        job = self.wait(job_id, every_s)
        return time.monotonic() - begun, job

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Daybook(Subject):
    name = "daybook"

    def __init__(self, prefix, config):
        super().__init__(os.path.join(prefix, "daybook"))
        self.prefix, self.config = prefix, config
        self.data = os.path.join(self.folder, "data")

    def start(self):
        self.launch([os.path.join(self.prefix, "bin/daybook"), "up", "--data", self.data,
                     "--listen", f"127.0.0.1:{self.port}", "--config", self.config], "/readyz")

    def books(self, company):
        return os.path.join(self.data, "books", "bench", company + ".db")

    def completed(self):
        """Jobs complete since the broker started."""
        name = 'daybook_jobs_ended_total{state="complete"} '
        for line in self.call("GET", "/metrics")[1].decode().splitlines():
            if line.startswith(name):
                return int(line[len(name):])
        raise BenchError(f"no metric {name}")

    def wait_completed(self, jobs, within_s=120):
        """Seconds until so many are complete."""
        begun = time.monotonic()
        while self.completed() < jobs:
            if time.monotonic() - begun > within_s:
                raise BenchError(f"{jobs - self.completed()} jobs are not complete")
            time.sleep(0.01)
        return time.monotonic() - begun


class Reference(Subject):
    name = "reference"

    def __init__(self, folder, rules):
        super().__init__(folder)
        self.rules = rules

    def start(self):
        os.makedirs(self.folder, exist_ok=True)
        self.launch(["/usr/bin/python3", os.path.join(HERE, "reference.py"), "--port",
                     str(self.port), "--data", self.folder, "--rules", self.rules],
                    "/openapi.json")

    def books(self, company):
        return os.path.join(self.folder, company + ".db")


# ---- processes, by /proc ----

def family(pid):
    """{pid: name} of a process and all its descendants."""
    parents, names = {}, {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        child = int(text.split(" ", 1)[0])
        names[child] = text[text.index("(") + 1:text.rindex(")")]
        parents[child] = int(text[text.rindex(")") + 2:].split()[1])
    out, grown = {pid: names.get(pid, "?")}, True
    while grown:
        new = {c: names[c] for c, p in parents.items() if p in out and c not in out}
        out.update(new)
        grown = bool(new)
    return out


def program(pid):
    """The program's own name: comm is cut at 15 characters, and python3 says nothing."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            argv = file.read().split(b"\0")
    except OSError:
        return "?"
    names = [os.path.basename(a.decode(errors="replace")) for a in argv[:2]]
    return names[1] if names[0].startswith("python") and len(names) > 1 else names[0]


def cpu_seconds(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_mib(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


class Watch:
    """CPU seconds and peak anonymous memory of a process family while a block runs."""

    def __init__(self, pid, every_s=0.1):
        self.pid, self.every_s = pid, every_s
        self.peak = {}
        self.over = threading.Event()

    def __enter__(self):
        self.names = {pid: program(pid) for pid in family(self.pid)}
        self.before = {pid: cpu_seconds(pid) for pid in self.names}
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def sample(self):
        while True:
            for pid in self.names:
                self.peak[pid] = max(self.peak.get(pid, 0), anonymous_mib(pid))
            if self.over.wait(self.every_s):
                return

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.cpu = {pid: cpu_seconds(pid) - self.before[pid] for pid in self.names}

    def table(self):
        """[(name, cpu seconds, peak MiB)], the busiest first."""
        rows = [(self.names[pid], self.cpu[pid], self.peak[pid]) for pid in self.names]
        return sorted(rows, key=lambda row: -row[1])


def run_tool(argv):
    """A program that prints JSON on one line."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise BenchError(f"{os.path.basename(argv[0])}: {done.stderr.strip() or done.stdout}")
    return json.loads(done.stdout)


def say(text):
    print(text, file=sys.stderr, flush=True)
