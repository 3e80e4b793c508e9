"""Evaluation functions in the real program: its own worker, what is seen of it, and its end."""
import json
import os
import subprocess
import tempfile
import time
import unittest

from harness import Pharos, Target, until

BINARY = os.environ["PHAROS_BINARY"]
SECRET = "PHAROS_MAIL_PASSWORD"


def children(pid):
    """Processes whose parent is `pid`."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(name))
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.stop)

    def check(self, function, **spec):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"kind": "http",
                       "spec": {"url": self.target.url(), "eval": function, **spec}}, file)
            file.flush()
            done = subprocess.run([BINARY, "check", "--json", file.name], capture_output=True,
                                  text=True, timeout=60)
        return done.returncode, json.loads(done.stdout)

    def test_the_function_decides(self):
        code, seen = self.check("(async function (statusCode, responseTime, responseRaw) {"
                                " return {status: responseRaw === 'fine\\n' ? 'DEGRADED' : 'UP',"
                                " latency: 7} })")
        self.assertEqual((code, seen["status"], seen["latency_ms"]), (0, "degraded", 7), seen)
        self.assertEqual(seen["message"], "the function says DEGRADED: HTTP 200")

    def test_html_can_be_asked(self):
        code, seen = self.check("(async function (c, t, raw, modules) { const $ = "
                                "modules.cheerio.load('<p>' + raw); return {status: "
                                "$('p').text().trim() === 'fine' ? 'UP' : 'DOWN', latency: t} })")
        self.assertEqual((code, seen["status"]), (0, "up"), seen)

    def test_a_function_that_does_not_end_is_down(self):
        code, seen = self.check("() => { for (;;); }")
        self.assertEqual((code, seen["status"], seen["outcome"]), (3, "down", "error"), seen)
        self.assertIn("Eval error: the function computed for longer than 1 s", seen["message"])


class ServedTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.stop)
        self.pharos = Pharos(BINARY, environment={SECRET: "hunter2"})
        self.addCleanup(self.pharos.close)
        self.pharos.make_key()

    def create(self, tag, function):
        status, answer = self.pharos.api("POST", "/api/v4/monitors", {
            "tag": tag, "name": tag, "monitor_type": "API", "interval_seconds": 1,
            "type_data": {"url": self.target.url(), "timeout": 1000, "eval": function}})
        self.assertEqual(status, 201, answer)
        self.assertEqual(answer["monitor"]["type_data"]["eval"], function)

    def latest(self, tag):
        now = int(time.time())
        status, answer = self.pharos.api(
            "GET", f"/api/v4/monitors/{tag}/data?start_ts={now - 120}&end_ts={now + 120}")
        self.assertEqual(status, 200, answer)
        return answer["data"][-1] if answer["data"] else {}

    def worker(self):
        return until(lambda: children(self.pharos.process.pid), 10, "a worker is there")[0]

    def test_one_bad_function_harms_neither_the_server_nor_the_others(self):
        self.create("endless", "() => { for (;;); }")
        self.create("greedy", "() => { const a = []; for (;;) a.push(new Uint8Array(1e6)) }")
        self.create("good", "(code, ms) => ({status: 'UP', latency: 5})")
        until(lambda: self.latest("good").get("status") == "UP", 15, "the good one is up")
        until(lambda: self.latest("endless").get("status") == "DOWN", 15, "the endless one is down")
        until(lambda: self.latest("greedy").get("status") == "DOWN", 15, "the greedy one is down")
        worker = self.worker()
        with open(f"/proc/{worker}/environ", "rb") as environment:
            self.assertEqual(environment.read(), b"")
        self.assertEqual(sorted(os.listdir(f"/proc/{worker}/fd")), ["0", "1", "2"])
        self.assertEqual(len(children(self.pharos.process.pid)), 1)
        self.assertEqual(self.pharos.stop(), 0)
        self.assertFalse(is_alive(worker))

    def test_the_worker_dies_with_a_server_that_is_killed(self):
        self.create("good", "(code, ms) => ({status: 'UP', latency: 5})")
        until(lambda: self.latest("good").get("status") == "UP", 15, "the good one is up")
        worker = self.worker()
        self.pharos.kill()
        until(lambda: not is_alive(worker), 5, "the worker is gone")
        self.pharos.process.stdout.close()


if __name__ == "__main__":
    unittest.main()
