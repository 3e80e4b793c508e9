"""What the end-to-end tests share: the real program on a data directory of its own, and targets.

Nothing here waits for a fixed time: each wait is for a condition and has a deadline that fails.
"""
import http.client
import http.server
import json
import os
import re
import select
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time


def until(condition, seconds, what):
    """Polls until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        pause.wait(0.02)


# What a key of the dialect may read, for a first request.
KEY_IS_READ_BY = {"kener_v4": "/api/v4/site", "kener_classic": "/api/me",
                  "kodo": "/api/v1/services", "is0k": "/api/v1/monitors"}


class Pharos:
    """A running `pharos serve`, with a Kener v4 key."""

    def __init__(self, binary, *arguments, data=None, environment=None):
        self.binary = binary
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="pharos-e2e-")
        self.arguments = arguments
        self.environment = {**os.environ, **(environment or {})}
        self.log = open(os.path.join(tempfile.gettempdir(), f"pharos-e2e-{os.getpid()}.log"), "ab")
        self.key = None
        self.keys = {}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, env=self.environment)
        self.port = self._read_port(60)

    def _read_port(self, seconds):
        deadline = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            byte = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not byte:
                raise AssertionError(f"pharos did not come up: {line!r}, see {self.log.name}")
            line += byte
        return int(re.search(rb":(\d+)\s*$", line).group(1))

    def run(self, *arguments, check=True):
        """Runs another command of the program on the same data directory."""
        done = subprocess.run([self.binary, *arguments, "--data", self.data],
                              capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stderr}")
        return done

    def make_key(self, name="ops"):
        self.key = self.run("key", "create", "--dialect", "kener_v4", "--name", name).stdout.strip()
        # One request makes the server look for the new key; a burst would find it unknown at first.
        self.api("GET", "/api/v4/site")
        return self.key

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            connection.close()

    def api(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                   "Accept": "application/json"}
        status, _, text = self.request(method, path,
                                       None if body is None else json.dumps(body), headers)
        return status, json.loads(text) if text else None

    def make_keys(self, *dialects):
        """One key of each dialect, for `call`."""
        for dialect in dialects:
            self.keys[dialect] = self.run("key", "create", "--dialect", dialect, "--name",
                                          f"{dialect}-ops").stdout.strip()
            # As in make_key: the first request makes the server look for the key.
            self.call(dialect, "GET", KEY_IS_READ_BY[dialect])

    def call(self, dialect, method, path, body=None):
        """Status and parsed answer of a request with the key of that dialect."""
        header = "X-API-Key" if dialect == "kodo" else "Authorization"
        value = self.keys[dialect] if dialect == "kodo" else f"Bearer {self.keys[dialect]}"
        status, _, text = self.request(
            method, path, None if body is None else json.dumps(body),
            {header: value, "Content-Type": "application/json", "Accept": "application/json"})
        return status, json.loads(text) if text else None

    def made(self, dialect, method, path, body=None):
        """As `call`, for requests that must succeed; the answer alone."""
        status, answer = self.call(dialect, method, path, body)
        if status not in (200, 201):
            raise AssertionError(f"{dialect}: {method} {path}: {status} {answer}")
        return answer

    def text(self, path, headers=None):
        """The body of a GET that must succeed."""
        status, _, body = self.request("GET", path, headers=headers)
        if status != 200:
            raise AssertionError(f"GET {path}: {status}")
        return body.decode()

    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Orderly end by SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=40)
        finally:
            self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.log.close()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


class Target:
    """A web server that a test watches; may be stopped and started again on the same port."""

    def __init__(self):
        self.port = 0
        self.server = None
        self.start()

    def start(self):
        self.server = Server(("127.0.0.1", self.port), self.handler())
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.02})
        self.thread.start()

    def handler(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"fine\n")

            def log_message(self, *_):
                pass

        return Handler

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None


class Message:
    """A request that a receiver got."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers
        self.body = body
        self.json = json.loads(body)


class Receiver(Target):
    """Keeps what is posted to it, as the receiving end of webhooks."""

    def __init__(self):
        self.messages = []
        super().__init__()

    def handler(self):
        messages = self.messages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages.append(Message(self.path, dict(self.headers.items()), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def at(self, path):
        return [message for message in list(self.messages) if message.path == path]


class Pages(Target):
    """Serves given documents, as somebody else's web site does."""

    def __init__(self, documents):
        self.documents = documents
        super().__init__()

    def handler(self):
        documents = self.documents

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = documents.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


def read_stream(port, path, seconds):
    """Connects to a server-sent stream; a generator of its event names."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=seconds)
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    connection.sendall(request.encode())
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            if line.startswith(b"event:"):
                yield line.split(b":", 1)[1].strip().decode()
