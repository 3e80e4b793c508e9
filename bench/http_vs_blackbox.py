"""Probes per processor second, side by side in one run: Debian's prometheus-blackbox-exporter,
asked over /probe by wrk, and Pharos, which schedules, judges and stores by itself.
Usage: http_vs_blackbox.py [http|tcp|icmp]...      SECONDS=10 MONITORS=2000 by environment
"""
import os
import subprocess
import sys
import tempfile
import time

from product_bench import BINARY, Figures, Nginx, cpu_seconds, free_port
from harness import Pharos, until

BLACKBOX = "/usr/bin/prometheus-blackbox-exporter"
SECONDS = int(os.environ.get("SECONDS", "10"))
MONITORS = int(os.environ.get("MONITORS", "2000"))

CONFIG = """
modules:
  http:
    prober: http
    timeout: 5s
    http: {preferred_ip_protocol: ip4, follow_redirects: true}
  tcp:
    prober: tcp
    timeout: 5s
    tcp: {preferred_ip_protocol: ip4}
  icmp:
    prober: icmp
    timeout: 5s
    icmp: {preferred_ip_protocol: ip4}
"""


def type_data(kind, port):
    if kind == "http":
        return "API", {"url": f"http://127.0.0.1:{port}/fine", "timeout": 5000}
    host = {"type": "IP4", "host": "127.0.0.1", "timeout": 5000}
    if kind == "tcp":
        return "TCP", {"hosts": [{**host, "port": port}]}
    return "PING", {"hosts": [host]}


def target_of(kind, port):
    return {"http": f"http://127.0.0.1:{port}/fine", "tcp": f"127.0.0.1:{port}",
            "icmp": "127.0.0.1"}[kind]


class Blackbox:
    def __init__(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yml")
        self.file.write(CONFIG)
        self.file.flush()
        self.port = free_port()
        self.process = subprocess.Popen(
            [BLACKBOX, f"--config.file={self.file.name}", "--log.level=error",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.ask("/metrics"), 10, "blackbox answers")

    def ask(self, path):
        import http.client
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read().decode() if answer.status == 200 else ""
        except OSError:
            return ""

    def measure(self, kind, port):
        """Probes per second and per processor second; None when this kind is not permitted."""
        path = f"/probe?module={kind}&target={target_of(kind, port)}"
        if "probe_success 1" not in self.ask(path):
            return None
        before = cpu_seconds(self.process.pid)
        out = subprocess.run(["wrk", "-t1", "-c16", f"-d{SECONDS}s",
                              f"http://127.0.0.1:{self.port}{path}"],
                             capture_output=True, text=True, check=True).stdout
        used = cpu_seconds(self.process.pid) - before
        count = int(next(l for l in out.splitlines() if "requests in" in l).split()[0])
        if "Non-2xx" in out:
            raise AssertionError(out)
        return count / SECONDS, count / used

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.file.close()


def measure_pharos(kind, port):
    pharos = Pharos(BINARY)
    try:
        pharos.make_key()
        word, data = type_data(kind, port)
        for i in range(MONITORS):
            status, answer = pharos.api("POST", "/api/v4/monitors", {
                "tag": f"m-{i}", "name": f"M {i}", "monitor_type": word, "interval_seconds": 1,
                "type_data": data})
            if status != 201:
                raise AssertionError(answer)
        now = int(time.time())
        samples = until(lambda: pharos.api(
            "GET", f"/api/v4/monitors/m-0/data?start_ts={now - 60}&end_ts={now + 60}")[1]["data"],
            10, "a first sample")
        if samples[-1]["status"] != "UP":
            return None
        time.sleep(3)
        pid = pharos.process.pid
        first, cpu, began = Figures(pharos), cpu_seconds(pid), time.monotonic()
        time.sleep(SECONDS)
        last, took = Figures(pharos), time.monotonic() - began
        used = cpu_seconds(pid) - cpu
        count = last.of("pharos_checks_started_total") - first.of("pharos_checks_started_total")
        return count / took, count / used
    finally:
        pharos.close()


def text(measured):
    if measured is None:
        return "not permitted here"
    return f"{measured[1]:,.0f} probes per processor second (at {measured[0]:,.0f}/s)"


def main():
    nginx = Nginx({})
    blackbox = Blackbox()
    try:
        for kind in sys.argv[1:] or ["http", "tcp", "icmp"]:
            theirs = blackbox.measure(kind, nginx.port)
            ours = measure_pharos(kind, nginx.port)
            ratio = f", ratio {ours[1] / theirs[1]:.2f}" if ours and theirs else ""
            print(f"{kind}: pharos {text(ours)}, with scheduling, judging and storing each; "
                  f"blackbox_exporter {text(theirs)}, with answering each over HTTP{ratio}",
                  flush=True)
    finally:
        blackbox.close()
        nginx.close()


if __name__ == "__main__":
    main()
