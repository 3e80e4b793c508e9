"""The budgets of docs/architecture (section "budgets") that a whole server shows, each beside a
reference in the same run.
Usage: product_bench.py [page|api|dialects|heartbeats|start|capacity[=COUNT[,SECONDS]]|
                         restart[=COUNT]]...
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

    def __init__(self, files, log=None):
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
  log_format asked '{log or ""}';
  access_log {f"{self.dir}/asked asked" if log else "off"};
  sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
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

    def logged(self):
        """What was asked for since forget_log."""
        try:
            with open(os.path.join(self.dir, "asked"), encoding="utf-8") as file:
                return [line.strip() for line in file if line.strip() not in ("", "-")]
        except FileNotFoundError:
            return []

    def forget_log(self):
        os.truncate(os.path.join(self.dir, "asked"), 0)

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


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def disk_bytes(path):
    """Without the write-ahead log: the same few megabytes however many checks there are."""
    return sum(os.stat(os.path.join(path, name)).st_blocks * 512 for name in os.listdir(path)
               if not name.endswith(("-wal", "-shm")))


class Figures:
    """What /metrics says at one moment."""

    def __init__(self, pharos):
        self.values, self.late = {}, []
        for line in pharos.request("GET", "/metrics")[2].decode().splitlines():
            if line.startswith("pharos_schedule_lateness_seconds_bucket"):
                bound = line.split('le="')[1].split('"')[0]
                self.late.append((float(bound.replace("+Inf", "inf")), float(line.split()[-1])))
            elif not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.values[name] = float(value)

    def of(self, name):
        return self.values.get(name, 0.0)


def quantile_text(before, after, share):
    """The bucket of the lateness histogram that holds this share of the checks between the two."""
    counts = [(bound, n - m) for (bound, n), (_, m) in zip(after.late, before.late)]
    total = counts[-1][1]
    below = 0.0
    for bound, count in counts:
        if total and count >= share * total:
            return f"under {bound * 1000:g} ms" if bound < 1e9 else f"over {below:g} s"
        below = bound
    return "no checks"


def watch_capacity(pharos, count, window):
    """Lateness, processor, memory and disk over a window of one-minute checks."""
    pid = pharos.process.pid
    first, first_cpu, first_disk = Figures(pharos), cpu_seconds(pid), disk_bytes(pharos.data)
    began = time.monotonic()
    worst, memory = 0.0, 0.0
    while time.monotonic() - began < window:
        time.sleep(min(10, max(0.1, window - (time.monotonic() - began))))
        now = Figures(pharos)
        worst = max(worst, now.of("pharos_schedule_lateness_worst_seconds"))
        memory = max(memory, memory_mib(pid))
    last, took = Figures(pharos), time.monotonic() - began
    checks = (last.of("pharos_checks_started_total") - first.of("pharos_checks_started_total"))
    late = last.of("pharos_checks_late_total") - first.of("pharos_checks_late_total")
    skipped = (last.of("pharos_checks_skipped_total") -
               first.of("pharos_checks_skipped_total"))
    disk = disk_bytes(pharos.data) - first_disk
    verdict = "ok" if late <= 0.01 * checks and memory < 1024 else "BELOW BUDGET"
    print(f"capacity, {count:,} monitors at one minute, {took:.0f} s: "
          f"{checks / took:,.0f} checks/s, "
          f"late p50 {quantile_text(first, last, 0.5)}, p99 {quantile_text(first, last, 0.99)}, "
          f"max {worst * 1000:.0f} ms, more than 1 s late {late:,.0f} of {checks:,.0f}, "
          f"skipped {skipped:,.0f}, "
          f"processor {100 * (cpu_seconds(pid) - first_cpu) / took:.0f} % of one core, "
          f"{memory:.0f} MiB resident at most ({memory * 1024 / count:.2f} KiB per monitor, "
          f"budget 1024 MiB), "
          f"disk {disk / max(checks, 1):.1f} bytes per check (journal; history_bench.cc says what "
          f"is left of it after folding) -> {verdict}", flush=True)


def capacity(options):
    """capacity=COUNT[,SECONDS], by default 100,000 monitors and 150 s."""
    given = [int(n) for n in options if n.isdigit()]
    count, window = given + [100_000, 150][len(given):]
    pharos = Pharos(BINARY)
    nginx = Nginx({})
    try:
        pharos.make_key()
        began = time.monotonic()
        tool("create", pharos.port, pharos.key, count, f"http://127.0.0.1:{nginx.port}/fine")
        print(f"made {count:,} monitors over the API at "
              f"{count / (time.monotonic() - began):,.0f}/s", flush=True)
        pharos.stop()
        began = time.monotonic()
        pharos.start()
        until(lambda: pharos.request("GET", "/readyz")[0] == 200, 30, "ready")
        print(f"start with {count:,} monitors: {time.monotonic() - began:.2f} s "
              f"(budget 1 with 100,000)", flush=True)
        watch_capacity(pharos, count, window)
    finally:
        nginx.close()
        pharos.close()


def restart(options):
    """restart[=COUNT]: ready when, each checked once when, how even the load is meanwhile."""
    count = int(options[0]) if options and options[0].isdigit() else 10_000
    pharos = Pharos(BINARY)
    nginx = Nginx({}, log="$args")
    try:
        pharos.make_key()
        tool("create", pharos.port, pharos.key, count, f"http://127.0.0.1:{nginx.port}/fine?{{}}")
        pharos.kill()
        nginx.forget_log()
        began = time.monotonic()
        pharos.start()
        until(lambda: pharos.request("GET", "/readyz")[0] == 200, 30, "ready")
        ready = time.monotonic() - began
        per_second, seen, done = [], 0, None
        while done is None and time.monotonic() - began < 90:
            time.sleep(1)
            asked = nginx.logged()
            per_second.append(len(asked) - seen)
            seen = len(asked)
            if len(set(asked)) >= count:
                done = time.monotonic() - began
        even = per_second[1:-1]
        mean = statistics.mean(even)
        print(f"restart with {count:,} monitors after a kill: ready in {ready * 1000:.0f} ms, each "
              f"checked once within {done if done is None else round(done, 1)} s (interval 60 s), "
              f"checks per second {mean:,.0f} on average, {min(even):,} to {max(even):,} "
              f"(most {max(even) / mean:.2f} times the mean)", flush=True)
    finally:
        nginx.close()
        pharos.close()


PARTS = {"page": page_and_api, "api": page_and_api, "dialects": dialects,
         "heartbeats": heartbeats, "start": start, "capacity": capacity, "restart": restart}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    done = set()
    for word in wanted:
        name, _, options = word.partition("=")
        if PARTS[name] in done and not options:
            continue
        done.add(PARTS[name])
        PARTS[name](options.split(",") if options else wanted)


if __name__ == "__main__":
    main()
