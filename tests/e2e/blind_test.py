"""Blind is not down (docs/operating/blind-time.md): our own troubles take no monitor down, the gap
is recorded as blind, and a target that really fails goes down afterwards."""
import contextlib
import http.server
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import unittest

from harness import Pharos, Target, until

BINARY = os.environ["PHAROS_BINARY"]
IN_NAMESPACE = "PHAROS_TEST_IN_NAMESPACE"
STATUS = ["UP", "DEGRADED", "PARTIAL_OUTAGE", "DOWN", "MAINTENANCE", "NO_DATA"]


class SlowTarget(Target):
    """Answers after a while, so that checks are under way at any moment."""

    def __init__(self, seconds):
        self.seconds = seconds
        super().__init__()

    def handler(self):
        seconds = self.seconds
        waiting = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                waiting.wait(seconds)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "5")
                    self.end_headers()
                    self.wfile.write(b"fine\n")
                except OSError:
                    pass  # the other side was stopped and has gone

            def log_message(self, *_):
                pass

        return Handler


class NameServer:
    """Every name is 127.0.0.1, for no longer than this answer. `mode`: alive, dead (says nothing at
    all), or broken (says nothing about names, but answers for the root)."""

    def __init__(self):
        self.mode = "alive"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            question, sender = self.socket.recvfrom(512)
            if question == b"stop":
                return
            is_root = question[12] == 0
            if self.mode == "dead" or (self.mode == "broken" and not is_root):
                continue
            end = 12
            while question[end] != 0:
                end += question[end] + 1
            asked = question[12:end + 5]
            is_a = asked[-4:-2] == b"\x00\x01"
            head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if is_a else 0, 0, 0)
            record = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 0, 4) + bytes([127, 0, 0, 1])
            self.socket.sendto(head + asked + (record if is_a else b""), sender)

    def close(self):
        self.socket.sendto(b"stop", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


class Watched:
    """A server with one monitor that is checked every second."""

    def __init__(self, url, environment=None, timeout_ms=2000):
        self.pharos = Pharos(BINARY, environment=environment)
        self.pharos.make_key()
        status, answer = self.pharos.api("POST", "/api/v4/monitors", {
            "tag": "web", "name": "Web", "monitor_type": "API", "interval_seconds": 1,
            "type_data": {"url": url, "timeout": timeout_ms}})
        if status != 201:
            raise AssertionError(answer)

    def moves(self):
        """Each change of what is shown: its time, the status and why, as stored."""
        path = os.path.join(self.pharos.data, "pharos.db")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT at, to_status, cause FROM transitions ORDER BY id")
            return [(at / 1e6, STATUS[to], cause) for at, to, cause in rows]

    def latest(self):
        moves = self.moves()
        return moves[-1][1] if moves else None

    def statuses(self):
        return {status for _, status, _ in self.moves()}

    def blind(self):
        """How many checks were recorded as blind."""
        return (self.metric("pharos_blind_checks_total") +
                self.metric("pharos_blind_results_total"))

    def causes(self):
        return [cause for _, status, cause in self.moves() if status == "NO_DATA"]

    def metric(self, name):
        text = self.pharos.request("GET", "/metrics")[2].decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if re.match(name + r"[ {]", line))

    def close(self):
        self.pharos.close()


class BlindTest(unittest.TestCase):
    def watch(self, url, **more):
        watched = Watched(url, **more)
        self.addCleanup(watched.close)
        until(lambda: watched.latest() == "UP", 10, "the first check")
        return watched

    def expect_down_in_the_end(self, watched, target):
        self.assertNotIn("DOWN", watched.statuses(), watched.moves())
        target.stop()
        until(lambda: watched.latest() == "DOWN", 20, "a target that really fails is down")

    def pass_time(self, seconds):
        threading.Event().wait(seconds)

    def test_a_process_that_is_stopped_for_fifteen_seconds(self):
        target = SlowTarget(0.9)
        self.addCleanup(target.stop)
        watched = self.watch(target.url())
        process = watched.pharos.process
        process.send_signal(signal.SIGSTOP)
        self.pass_time(15)
        process.send_signal(signal.SIGCONT)
        until(lambda: watched.blind() >= 10 and watched.latest() == "UP", 15, "up after it")
        self.assertIn("paused", watched.causes()[0])
        self.assertGreaterEqual(watched.metric("pharos_blind_seconds_total"), 14)
        self.assertGreaterEqual(watched.metric("pharos_blind_results_total"), 10)
        self.expect_down_in_the_end(watched, target)

    def test_a_processor_that_is_taken_away_most_of_the_time(self):
        target = SlowTarget(0.5)
        self.addCleanup(target.stop)
        watched = self.watch(target.url(), timeout_ms=1000)
        process = watched.pharos.process
        began = time.monotonic()
        while time.monotonic() - began < 15:
            process.send_signal(signal.SIGSTOP)
            self.pass_time(0.3)
            process.send_signal(signal.SIGCONT)
            self.pass_time(0.015)
        until(lambda: watched.latest() == "UP", 15, "up again")
        # An answer that was there when we came to look counts; what was not is blind.
        self.assertLessEqual(watched.statuses(), {"UP", "NO_DATA"}, watched.moves())
        self.expect_down_in_the_end(watched, target)

    def test_a_name_service_that_is_dead_is_ours_one_that_knows_no_answer_is_not(self):
        names = NameServer()
        self.addCleanup(names.close)
        target = Target()
        self.addCleanup(target.stop)
        watched = self.watch(f"http://web.pharos.test:{target.port}/",
                             environment={"PHAROS_OUTBOUND_DNS_SERVERS": names.address})
        names.mode = "dead"
        until(lambda: watched.blind() >= 3, 25, "the gap is blind")
        self.assertIn("name service", watched.causes()[0])
        self.assertNotIn("DOWN", watched.statuses(), watched.moves())
        self.assertGreater(watched.metric("pharos_name_service_canary_total"), 0)
        names.mode = "alive"
        until(lambda: watched.latest() == "UP", 15, "up again")
        self.assertNotIn("DOWN", watched.statuses(), watched.moves())
        names.mode = "broken"
        until(lambda: watched.latest() == "DOWN", 20, "nobody knows this name: it is down")

    def test_without_the_canary_a_dead_name_service_takes_monitors_down(self):
        names = NameServer()
        self.addCleanup(names.close)
        target = Target()
        self.addCleanup(target.stop)
        watched = self.watch(f"http://web.pharos.test:{target.port}/", environment={
            "PHAROS_OUTBOUND_DNS_SERVERS": names.address, "PHAROS_WATCH_NAME_CANARY": "false"})
        names.mode = "dead"
        until(lambda: watched.latest() == "DOWN", 20, "as the operator wants it")

    def test_a_way_out_that_is_cut(self):
        if os.geteuid() != 0:
            self.skipTest("NOT RUN: needs root for a network namespace")
        environment = {**os.environ, IN_NAMESPACE: "1"}
        done = subprocess.run(["unshare", "--net", sys.executable, __file__, "InNamespace"],
                              env=environment, capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class InNamespace(unittest.TestCase):
    """In a network of its own: a link to a second one, in which the target is."""

    def setUp(self):
        self.run_command("ip", "link", "set", "lo", "up")
        self.other = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        self.addCleanup(self.end, self.other)
        until(lambda: os.readlink(f"/proc/{self.other.pid}/ns/net") !=
              os.readlink("/proc/self/ns/net"), 5, "the other network")
        self.run_command("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
        self.addCleanup(self.run_command, "ip", "link", "del", "near")
        self.run_command("ip", "link", "set", "far", "netns", str(self.other.pid))
        self.run_command("ip", "addr", "add", "10.77.0.1/24", "dev", "near")
        self.run_command("ip", "link", "set", "near", "up")
        self.there("ip", "addr", "add", "10.77.0.2/24", "dev", "far")
        self.there("ip", "link", "set", "far", "up")
        self.server = subprocess.Popen(
            ["nsenter", "-t", str(self.other.pid), "-n", sys.executable, "-u", "-m", "http.server",
             "8000", "--bind", "10.77.0.2", "--directory", os.path.dirname(__file__)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, self.server)
        self.assertIn(b"Serving", self.server.stdout.readline())

    @staticmethod
    def run_command(*command):
        subprocess.run(command, check=True, capture_output=True)

    def there(self, *command):
        self.run_command("nsenter", "-t", str(self.other.pid), "-n", *command)

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()

    def watch(self, **environment):
        watched = Watched("http://10.77.0.2:8000/", environment=environment, timeout_ms=1000)
        self.addCleanup(watched.close)
        until(lambda: watched.latest() == "UP", 10, "the first check")
        return watched

    def cut_and_mend(self, watched, cut, mend):
        cut()
        until(lambda: watched.blind() >= 3, 30, "the gap is blind")
        self.assertNotIn("DOWN", watched.statuses(), watched.moves())
        mend()
        until(lambda: watched.latest() == "UP", 15, "up again")
        self.assertNotIn("DOWN", watched.statuses(), watched.moves())
        self.server.kill()
        until(lambda: watched.latest() == "DOWN", 20, "a target that really fails is down")

    def test_an_interface_that_is_down(self):
        watched = self.watch()
        self.cut_and_mend(watched, lambda: self.run_command("ip", "link", "set", "near", "down"),
                          lambda: self.run_command("ip", "link", "set", "near", "up"))

    def test_a_cut_further_away_is_found_by_canaries(self):
        # A second address over there that always refuses: reachable while the way is open.
        watched = self.watch(PHAROS_WATCH_CANARIES="10.77.0.2:9")
        self.cut_and_mend(watched, lambda: self.there("ip", "link", "set", "far", "down"),
                          lambda: self.there("ip", "link", "set", "far", "up"))
        self.assertGreater(watched.metric("pharos_canary_rounds_total"), 0)


if not os.environ.get(IN_NAMESPACE):
    del InNamespace  # runs inside test_a_way_out_that_is_cut


if __name__ == "__main__":
    unittest.main()
