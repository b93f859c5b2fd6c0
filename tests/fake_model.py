#!/usr/bin/python3
"""An OpenAI-shaped chat endpoint that says what tests want it to say.

    /usr/bin/python3 tests/fake_model.py [--port N] [--mode MODE] [--key KEY] [--delay-ms N]

Prints its port on a line of its own when it listens (--port 0, the default, picks a free one), and
ends when its standard input does. It refuses requests that are not what daybook promises to send.

POST /v1/chat/completions  answers; the mode says how:
    normal      an account of the request's own list, by keyword
    unsure      Uncategorised
    429 500     that status; 429 asks to come back after a second
    flaky       500 to every other request
    slow        normal, after --delay-ms (default 5000)
    garbage     200 and bytes that are no JSON
    shape       200 and JSON that is no chat response
    refusal     a chat response without content
    text        a chat response with prose around the JSON
    extra       an answer with a field too many
    unsafe      an answer with confidence 7
    outside     an account that is not on the list
    huge        a reply of 1 MB
    close       closes the connection without a word
    redirect    to /elsewhere
GET /count      {"requests": how many POSTs came, "at_once": the most at the same time}
GET /seen       [{"description": ..., "direction": ...}, ...] of all questions
GET /mode/NAME  changes the mode
"""
import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEYWORDS = [
    ("coffee", "Expenses:Food", 0.93),
    ("bakery", "Expenses:Food", 0.9),
    ("train", "Expenses:Transport", 0.88),
    ("rent", "Expenses:Home", 0.97),
    ("client", "Income:Sales", 0.91),
    ("gift", "Income:Gifts", 0.7),
    ("savings", "Assets:", 0.85),
    ("mystery", "Expenses:Shopping", 0.4),
]


class Model:
    def __init__(self, options):
        self.mode, self.key, self.delay_ms = options.mode, options.key, options.delay_ms
        self.lock = threading.Lock()
        self.requests = self.now = self.at_once = 0
        self.seen = []

    def enter(self):
        with self.lock:
            self.requests += 1
            self.now += 1
            self.at_once = max(self.at_once, self.now)
            return self.requests

    def leave(self):
        with self.lock:
            self.now -= 1


def check(request):
    """What daybook promises; the text of a 400 otherwise."""
    schema = request["response_format"]["json_schema"]
    properties = schema["schema"]["properties"]
    assert request["temperature"] == 0, "temperature"
    assert request["response_format"]["type"] == "json_schema", "response_format"
    assert schema["strict"] is True, "strict"
    assert schema["schema"]["additionalProperties"] is False, "additionalProperties"
    assert sorted(schema["schema"]["required"]) == sorted(properties), "required"
    assert [m["role"] for m in request["messages"]] == ["system", "user"], "messages"
    question = json.loads(request["messages"][1]["content"])
    assert sorted(question) == ["description", "direction"], "question"
    accounts = properties["account"]["enum"]
    assert len(set(accounts)) == len(accounts) > 0, "enum"
    for account in accounts:
        assert account in request["messages"][0]["content"], "system message"
    return question, accounts


def decide(question, accounts, mode):
    unknown = [a for a in accounts if a.endswith(":Uncategorised")][0]
    if mode == "outside":
        return {"account": "Expenses:Invented", "confidence": 0.99}
    if mode != "unsure":
        for word, begin, confidence in KEYWORDS:
            fits = [a for a in accounts if a.startswith(begin)]
            if word in question["description"].lower() and fits:
                return {"account": fits[0], "confidence": confidence}
    return {"account": unknown, "confidence": 0.1}


def chat(answer, mode):
    content = json.dumps(answer)
    if mode == "text":
        content = "Sure! Here it is: " + content
    if mode == "extra":
        content = json.dumps({**answer, "why": "because"})
    if mode == "unsafe":
        content = json.dumps({**answer, "confidence": 7})
    message = {"role": "assistant", "content": content}
    if mode == "refusal":
        message = {"role": "assistant", "content": None, "refusal": "no"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "fake",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that break off are part of the tests


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, body, headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        model = self.server.model
        if self.path == "/count":
            self.reply(200, {"requests": model.requests, "at_once": model.at_once})
        elif self.path == "/seen":
            self.reply(200, model.seen)
        elif self.path.startswith("/mode/"):
            model.mode = self.path[len("/mode/"):]
            self.reply(200, {"mode": model.mode})
        else:
            self.reply(404, {"error": {"message": "no such page"}})

    def do_POST(self):
        model = self.server.model
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = model.enter()
        try:
            self.answer(model, body, number)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            model.leave()

    def answer(self, model, body, number):
        mode = model.mode
        if model.key and self.headers.get("Authorization") != "Bearer " + model.key:
            return self.reply(401, {"error": {"message": "wrong key"}})
        if self.path != "/v1/chat/completions":
            return self.reply(404, {"error": {"message": "no such path"}})
        try:
            question, accounts = check(json.loads(body))
        except (AssertionError, KeyError, ValueError) as error:
            return self.reply(400, {"error": {"message": "not as promised: %r" % error}})
        model.seen.append(question)
        if mode == "slow":
            time.sleep(model.delay_ms / 1000)
        if mode == "429":
            return self.reply(429, {"error": {"message": "slow down"}}, [("Retry-After", "1")])
        if mode == "500" or (mode == "flaky" and number % 2 == 1):
            return self.reply(500, {"error": {"message": "oops"}})
        if mode == "garbage":
            return self.reply(200, b"<html>not JSON at all</html>")
        if mode == "shape":
            return self.reply(200, {"result": "ok"})
        if mode == "huge":
            return self.reply(200, b" " * 1000000)
        if mode == "redirect":
            return self.reply(307, {}, [("Location", "/elsewhere")])
        if mode == "close":
            self.close_connection = True
            return None
        return self.reply(200, chat(decide(question, accounts, mode), mode))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", default="normal")
    parser.add_argument("--key", default="")
    parser.add_argument("--delay-ms", type=int, default=5000)
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    server.model = Model(options)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
