"""api - a status-api of its own in front of a broker that is played (fake_broker.py)."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import requests

import openapi_check
from fake_broker import FakeBroker

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("DAYBOOK_BIN", ROOT / "build/bin")).resolve()
PATIENCE = 4 if "san" in BIN.parts else 1
UPLOAD = "/api/jobs/upload-and-categorize"
CSV = b"Date,Description,Amount\n2026-05-01,HUMBDRO,-1.00\n"
WHO = {"tenant_id": "t1", "company_id": "acme"}


def wait_until(what, condition, timeout=10):
    deadline = time.monotonic() + timeout * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


class Api:
    """Starts on a free port; every answer to call() is held against openapi.yaml."""

    def __init__(self, config="", broker=True, listen="127.0.0.1:0", args=(), env=None, start=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.config = self.folder / "daybook.conf"
        self.config.write_text(config.replace("FOLDER", str(self.folder)))
        self.listen, self.args, self.env = listen, list(args), dict(env or {})
        self.process, self.port, self.http = None, None, requests.Session()
        self.broker = FakeBroker(self.data) if broker else None
        if self.broker:
            self.broker.start()
        if start:
            self.start()

    def start(self):
        port_file = self.data / "run/http.port"
        port_file.unlink(missing_ok=True)
        self.log = open(self.folder / "api.log", "ab")
        self.process = subprocess.Popen(
            [str(BIN / "daybook-status-api"), "--data", str(self.data), "--config",
             str(self.config), "--listen", self.listen, *self.args],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, **self.env})
        wait_until("status-api listens", lambda: port_file.exists() or
                   self.process.poll() is not None)
        assert self.process.poll() is None, self.logs()
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"

    def logs(self):
        return (self.folder / "api.log").read_text(errors="replace")

    def stop(self):
        """SIGTERM must end it well."""
        self.process.terminate()
        assert self.process.wait(10 * PATIENCE) == 0, self.logs()

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        if self.process:
            self.log.close()
        if self.broker and self.broker.thread:
            self.broker.stop()
        self.http.close()
        text = self.logs() if self.process else ""
        assert "ERROR:" not in text and "runtime error" not in text, text
        shutil.rmtree(self.folder)

    def call(self, method, path, **options):
        options.setdefault("timeout", 30 * PATIENCE)
        answer = self.http.request(method, self.url + path, **options)
        if not options.get("stream"):
            openapi_check.check(method, path, answer.status_code, answer.headers, answer.content)
        return answer

    def upload(self, content=CSV, name="may.csv", headers=None, **fields):
        return self.call("POST", UPLOAD, data={**WHO, **fields}, headers=headers,
                         files={"file": (name, content, "text/csv")})

    def categorize(self, headers=None, **fields):
        answer = self.call("POST", "/api/jobs/categorize", json={**WHO, "limit": 10, **fields},
                           headers=headers)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()["job_id"]

    def raw(self, request, shut=True, timeout=10):
        """Bytes over a socket of their own; what comes back until the end, or until nothing more
        comes in time."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout * PATIENCE) as client:
            try:
                client.sendall(request)
                if shut:
                    client.shutdown(socket.SHUT_WR)
                while piece := client.recv(65536):
                    answer += piece
            except OSError:
                pass  # hung up, or silent
        return answer

    def blobs(self):
        return sorted(path.name for path in (self.data / "blobs").glob("*") if path.is_file())

    def temporary(self):
        return list((self.data / "blobs/tmp").glob("*"))

    def memory(self):
        """Anonymous resident bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) * 1024
