"""The budgets of docs/architecture (section "budgets") that a whole server shows, each beside a
reference in the same run.
Usage: product_bench.py [page|api|dialects|heartbeats|start|capacity]...
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import Pharos, until  # noqa: E402

BINARY = os.environ.get("PHAROS_BINARY", os.path.join(ROOT, "build", "release", "pharos"))
TOOL = os.path.join(os.path.dirname(BINARY), "bench", "load_tool")
ROUNDS = 5
SECONDS = 3


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Files and a plain 200, with as many workers as we have loops."""

    def __init__(self, files):
        self.dir = tempfile.mkdtemp(prefix="pharos-bench-")
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        for name, content in files.items():
            with open(os.path.join(self.dir, name), "wb") as file:
                file.write(content)
        with open(os.path.join(self.dir, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(f"""
worker_processes {os.cpu_count()}; pid {self.dir}/pid; error_log {self.dir}/error.log; daemon off;
worker_rlimit_nofile 20000;
events {{ worker_connections 8000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
  client_body_temp_path {self.dir}/b; proxy_temp_path {self.dir}/p; fastcgi_temp_path {self.dir}/f;
  uwsgi_temp_path {self.dir}/u; scgi_temp_path {self.dir}/s;
  server {{
    listen 127.0.0.1:{self.port} reuseport backlog=8192; root {self.dir}; default_type text/html;
    location /ext/ {{ return 200 '{{"status":"OK"}}'; }}
    location = /fine {{ return 200 'fine'; }}
  }}
}}""")
        self.process = subprocess.Popen(["nginx", "-c", os.path.join(self.dir, "nginx.conf")],
                                        stderr=subprocess.DEVNULL)
        until(lambda: self.answers(), 5, "nginx answers")

    def answers(self):
        import http.client
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
            connection.request("GET", "/fine")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def wrk(url, headers=(), script=None):
    command = ["wrk", "-t2", "-c128", f"-d{SECONDS}s", "--latency"]
    if script:
        command += ["-s", script]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise AssertionError(out)
    rate = float(next(l for l in out.splitlines() if "Requests/sec" in l).split()[1])
    p99 = next(l for l in out.splitlines() if l.strip().startswith("99%")).split()[1]
    return rate, p99


def versus(name, ours, theirs, budget):
    rates = {"pharos": [], "nginx": []}
    last = {}
    for _ in range(ROUNDS):
        for who, run in (("pharos", ours), ("nginx", theirs)):
            rate, p99 = run()
            rates[who].append(rate)
            last[who] = p99
    a, b = statistics.median(rates["pharos"]), statistics.median(rates["nginx"])
    verdict = "ok" if a / b >= budget else "BELOW BUDGET"
    print(f"{name}: pharos {a:,.0f}/s (p99 {last['pharos']}), "
          f"nginx {b:,.0f}/s (p99 {last['nginx']}), ratio {a / b:.2f}, "
          f"budget {budget} -> {verdict}", flush=True)


def memory_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(l.split()[1]) for l in status if l.startswith("VmRSS")) / 1024


def page_and_api(wanted):
    pharos = Pharos(BINARY, "--demo")
    try:
        pharos.make_key()
        page = until(lambda: (lambda a: a[2] if a[0] == 200 else None)(pharos.request("GET", "/")),
                     20, "the page")
        for i in range(8):
            pharos.api("POST", "/api/v4/monitors", {"tag": f"more-{i}", "name": f"More {i}"})
        auth = {"Authorization": f"Bearer {pharos.key}"}
        listed = pharos.request("GET", "/api/v4/monitors", headers=auth)[2]
        page = pharos.request("GET", "/")[2]
        nginx = Nginx({"page": page, "monitors": listed})
        there = f"http://127.0.0.1:{nginx.port}"
        try:
            if "page" in wanted:
                versus(f"cached public page, {len(page) / 1024:.0f} KB",
                       lambda: wrk(pharos.base() + "/"), lambda: wrk(there + "/page"), 1.0)
                versus("the same, as browsers ask (br)",
                       lambda: wrk(pharos.base() + "/", ["Accept-Encoding: br"]),
                       lambda: wrk(there + "/page"), 1.0)
            if "api" in wanted:
                count = len(json.loads(listed)["monitors"])
                versus(f"API read, {count} monitors, {len(listed) / 1024:.0f} KB",
                       lambda: wrk(pharos.base() + "/api/v4/monitors",
                                   [f"Authorization: Bearer {pharos.key}"]),
                       lambda: wrk(there + "/monitors"), 0.5)
        finally:
            nginx.close()
    finally:
        pharos.close()


class Face:
    """One dialect: its key, where its list is, and a change of one thing on it."""

    def __init__(self, pharos, dialect):
        self.pharos, self.dialect = pharos, dialect
        made = pharos.run("key", "create", "--dialect", dialect, "--name", "bench")
        self.key = made.stdout.strip()
        self.headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if dialect == "kodo":
            self.headers = {"X-API-Key": self.key, "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        status, _, reply = self.pharos.request(
            method, path, json.dumps(body).encode() if body is not None else None, self.headers)
        if status >= 300:
            raise AssertionError(f"{self.dialect} {method} {path}: {status} {reply!r}")
        return reply

    def prepare(self):
        """The list's path, and method, path and body of a change."""
        if self.dialect == "kodo":
            for i in range(20):
                made = self.call("POST", "/api/v1/services", {"name": f"Service {i}"})
            return "/api/v1/services", "PATCH", f"/api/v1/services/{json.loads(made)['id']}", \
                {"description": "changed"}
        if self.dialect == "kener_v4":
            return "/api/v4/monitors", "PATCH", "/api/v4/monitors/more-0", \
                {"description": "changed"}
        if self.dialect == "is0k":
            first = json.loads(self.call("GET", "/api/v1/monitors"))["data"][0]["id"]
            return "/api/v1/monitors", "PUT", f"/api/v1/monitors/{first}", {"name": "Changed"}
        first = json.loads(self.call("GET", "/api/monitors"))["data"]["monitors"][0]["id"]
        return "/api/monitors", "PUT", f"/api/monitors/{first}", {"name": "Changed too"}


def dialects(_):
    """Read and write of every API, beside nginx answering with the same bytes."""
    pharos = Pharos(BINARY, environment={
        "PHAROS_KENER_CLASSIC_REQUESTS_PER_MINUTE": "0", "PHAROS_IS0K_REQUESTS_PER_MINUTE": "0",
        "PHAROS_KODO_REQUESTS_PER_MINUTE": "0"})
    try:
        pharos.make_key()
        for i in range(20):
            pharos.api("POST", "/api/v4/monitors", {
                "tag": f"more-{i}", "name": f"More {i}", "monitor_type": "API",
                "status": "INACTIVE", "type_data": {"url": f"https://shop-{i}.example.net/live"}})
        for dialect in ("kener_v4", "kener_classic", "kodo", "is0k"):
            face = Face(pharos, dialect)
            read, method, write, body = face.prepare()
            listed, changed = face.call("GET", read), face.call(method, write, body)
            nginx = Nginx({"listed": listed, "changed": changed})
            there = f"http://127.0.0.1:{nginx.port}"
            script = os.path.join(nginx.dir, "change.lua")
            with open(script, "w", encoding="utf-8") as file:
                file.write(f"wrk.method = '{method}'\nwrk.body = '{json.dumps(body)}'\n")
            headers = [f"{name}: {value}" for name, value in face.headers.items()]
            try:
                versus(f"{dialect} read, 20 things, {len(listed) / 1024:.1f} KB",
                       lambda: wrk(pharos.base() + read, headers),
                       lambda: wrk(there + "/listed"), 0.5)
                # nginx reads no body and stores nothing: what a write costs beside an answer.
                versus(f"{dialect} write, one change on disk each",
                       lambda: wrk(pharos.base() + write, headers, script),
                       lambda: wrk(there + "/changed"), 0.0)
            finally:
                nginx.close()
    finally:
        pharos.close()


def tool(*arguments):
    out = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def heartbeats(_):
    monitors = 1000
    pharos = Pharos(BINARY)
    nginx = Nginx({})
    try:
        pharos.make_key()
        tool("create", pharos.port, pharos.key, monitors, "heartbeat")
        for connections, pipeline in ((64, 64), (512, 1)):
            ours, theirs = [], []
            for _ in range(3):
                ours.append(tool("signals", pharos.port, 4, connections, pipeline, monitors))
                theirs.append(tool("signals", nginx.port, 4, connections, pipeline, monitors))
            mine = statistics.median(o["per_second"] for o in ours)
            other = statistics.median(o["per_second"] for o in theirs)
            refused = sum(o["refused"] for o in ours)
            print(f"durable heartbeats, {connections} connections x {pipeline} on their way: "
                  f"{mine:,.0f}/s (p50 {ours[-1]['p50_ms']} ms, p99 {ours[-1]['p99_ms']} ms, "
                  f"refused {refused}), nginx answering the same without storing {other:,.0f}/s, "
                  f"ratio {mine / other:.2f}, budget 100,000/s -> "
                  f"{'ok' if mine >= 100_000 else 'BELOW BUDGET'}", flush=True)
    finally:
        nginx.close()
        pharos.close()


def start(_):
    pharos = Pharos(BINARY)
    try:
        until(lambda: pharos.request("GET", "/readyz")[0] == 200, 5, "ready")
        pharos.stop()
        began = time.monotonic()
        pharos.start()
        took = time.monotonic() - began
        print(f"start, empty: {took * 1000:.0f} ms (budget 50), "
              f"{memory_mib(pharos.process.pid):.0f} MiB resident (budget 30)", flush=True)
        began = time.monotonic()
        subprocess.run([BINARY, "--version"], check=True, stdout=subprocess.DEVNULL)
        print(f"  reference: the program started for --version alone: "
              f"{(time.monotonic() - began) * 1000:.0f} ms", flush=True)
    finally:
        pharos.close()


def lateness(text):
    """Share of checks begun within one second, and how many there were."""
    within = total = 0.0
    for line in text.splitlines():
        if line.startswith('pharos_schedule_lateness_seconds_bucket{le="1"}'):
            within = float(line.split()[-1])
        if line.startswith("pharos_schedule_lateness_seconds_count"):
            total = float(line.split()[-1])
    return within, total


def capacity(_):
    count = 100_000
    pharos = Pharos(BINARY)
    nginx = Nginx({})
    try:
        pharos.make_key()
        made = tool("create", pharos.port, pharos.key, count, f"http://127.0.0.1:{nginx.port}/fine")
        print(f"made {count:,} monitors over the API at {made['per_second']:,.0f}/s", flush=True)
        pharos.stop()
        began = time.monotonic()
        pharos.start()
        until(lambda: pharos.request("GET", "/readyz")[0] == 200, 30, "ready")
        print(f"start with {count:,} monitors: {time.monotonic() - began:.2f} s (budget 1)",
              flush=True)
        window = 150
        deadline = time.monotonic() + window
        until(lambda: time.monotonic() > deadline, window + 5, "the window")
        within, total = lateness(pharos.request("GET", "/metrics")[2].decode())
        print(f"capacity: {total / window:,.0f} checks/s over {window} s, "
              f"{100 * within / max(total, 1):.2f} % begun within 1 s (budget 99 %), "
              f"{memory_mib(pharos.process.pid):.0f} MiB resident (budget 1024)", flush=True)
    finally:
        nginx.close()
        pharos.close()


PARTS = {"page": page_and_api, "api": page_and_api, "dialects": dialects,
         "heartbeats": heartbeats, "start": start, "capacity": capacity}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    for part in dict.fromkeys(PARTS[name] for name in wanted):
        part(wanted)


if __name__ == "__main__":
    main()
