"""The thin thread, whole: a monitor made over HTTP, a real server watched, seen by API and page."""
import json
import os
import subprocess
import sys
import time
import unittest

from harness import Pharos, Target, read_stream, until

BINARY = os.environ["PHAROS_BINARY"]


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.pharos = Pharos(BINARY)
        self.pharos.make_key()

    def tearDown(self):
        self.pharos.close()
        self.target.stop()

    def create(self, **fields):
        body = {"tag": "web", "name": "Web", "monitor_type": "API", "interval_seconds": 1,
                "type_data": {"url": self.target.url(), "timeout": 1000}, **fields}
        status, answer = self.pharos.api("POST", "/api/v4/monitors", body)
        self.assertEqual(status, 201, answer)

    def latest(self):
        now = int(time.time())
        status, answer = self.pharos.api(
            "GET", f"/api/v4/monitors/web/data?start_ts={now - 120}&end_ts={now + 120}")
        self.assertEqual(status, 200, answer)
        return answer["data"][-1]["status"] if answer["data"] else None

    def page(self):
        return self.pharos.request("GET", "/")[2].decode()

    def test_up_down_and_up_again_on_api_and_page(self):
        self.create(confirmation_threshold=2)
        until(lambda: self.latest() == "UP", 5, "first check is in the data")
        until(lambda: "All Systems Operational" in self.page(), 5, "the page shows it")
        self.target.stop()
        stopped = time.monotonic()
        until(lambda: self.latest() == "DOWN", 6, "two failed checks are published")
        took = time.monotonic() - stopped
        print(f"\n  down after {took:.2f} s (interval 1 s, two checks in a row)", file=sys.stderr)
        self.assertLess(took, 4)
        until(lambda: "Major System Outage" in self.page(), 5, "the page shows the outage")
        self.target.start()
        until(lambda: self.latest() == "UP", 6, "recovery is published")
        until(lambda: "All Systems Operational" in self.page(), 5, "the page shows the recovery")

    def test_the_live_stream_tells_of_a_change(self):
        self.create()
        until(lambda: self.latest() == "UP", 5, "first check")
        events = read_stream(self.pharos.port, "/live", 10)
        self.target.stop()
        self.assertEqual(next(events), "page")

    def test_the_badge_follows(self):
        self.create()
        until(lambda: b"Operational" in self.pharos.request("GET", "/badge/web/status")[2], 5, "up")
        self.target.stop()
        until(lambda: b"Down" in self.pharos.request("GET", "/badge/web/status")[2], 5, "down")

    def test_history_survives_a_restart_and_the_monitor_goes_on(self):
        self.create()
        until(lambda: self.latest() == "UP", 5, "first check")
        self.assertEqual(self.pharos.stop(), 0)
        self.pharos.start()
        self.assertEqual(self.latest(), "UP")
        until(lambda: "All Systems Operational" in self.page(), 5, "page after the restart")
        self.target.stop()
        until(lambda: self.latest() == "DOWN", 5, "still watched after the restart")


class OperationsTest(unittest.TestCase):
    def setUp(self):
        self.pharos = Pharos(BINARY)

    def tearDown(self):
        self.pharos.close()

    def test_health_readiness_metrics(self):
        self.assertEqual(self.pharos.request("GET", "/healthz")[0], 200)
        until(lambda: self.pharos.request("GET", "/readyz")[0] == 200, 5, "ready")
        status, headers, text = self.pharos.request("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/plain; version=0.0.4"))
        self.assertIn(b"pharos_intake_results_total", text)

    def test_keys_are_created_listed_and_revoked_beside_the_server(self):
        key = self.pharos.make_key()
        self.assertEqual(self.pharos.api("GET", "/api/v4/site")[0], 200, "works at once")
        self.assertRegex(key, r"^kener_[0-9a-f]{64}$")
        listed = json.loads(self.pharos.run("key", "list", "--json").stdout)
        self.assertEqual(listed["state"], "active")
        self.assertNotIn(key, json.dumps(listed))
        self.pharos.run("key", "revoke", "ops")
        until(lambda: self.pharos.api("GET", "/api/v4/site")[0] == 401, 5, "revoked at once")

    def test_backup_of_a_live_server_restores(self):
        self.pharos.make_key()
        self.pharos.api("POST", "/api/v4/monitors", {"tag": "kept", "name": "Kept"})
        copy = os.path.join(self.pharos.data, "copy.db")
        self.pharos.run("backup", copy)
        self.pharos.api("POST", "/api/v4/monitors", {"tag": "later", "name": "Later"})
        self.pharos.stop()
        refused = self.pharos.run("restore", copy, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--force", refused.stderr)
        self.pharos.run("restore", copy, "--force")
        self.pharos.start()
        status, answer = self.pharos.api("GET", "/api/v4/monitors")
        self.assertEqual(status, 200)
        self.assertEqual([m["tag"] for m in answer["monitors"]], ["kept"])

    def test_a_broken_backup_replaces_nothing(self):
        self.pharos.stop()
        broken = os.path.join(self.pharos.data, "broken.db")
        with open(broken, "wb") as file:
            file.write(b"this is no database" * 1000)
        refused = self.pharos.run("restore", broken, "--force", check=False)
        self.assertEqual(refused.returncode, 1)
        self.pharos.start()
        self.assertEqual(self.pharos.request("GET", "/healthz")[0], 200)

    def test_check_prints_phases(self):
        target = Target()
        try:
            seen = json.loads(self.pharos.run("check", target.url(), "--json").stdout)
            self.assertEqual(seen["status"], "up")
            self.assertIn("connect", json.dumps(seen["evidence"]))
        finally:
            target.stop()
        done = self.pharos.run("check", target.url(), "--json", check=False)
        self.assertEqual(json.loads(done.stdout)["status"], "down")
        self.assertEqual(done.returncode, 3)

    def test_bad_settings_name_themselves(self):
        done = self.pharos.run("serve", "--listen", "nowhere", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("listen must be ADDRESS:PORT", done.stderr)

    def test_the_settings_page_is_what_the_program_prints(self):
        printed = subprocess.run([BINARY, "settings", "--page"], capture_output=True,
                                 text=True).stdout
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with open(os.path.join(root, "docs", "operating", "settings.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), printed)

    def test_no_log_shows_a_secret(self):
        self.pharos.close()
        self.pharos = Pharos(BINARY, environment={"PHAROS_HTTP_ACCESS_LOG": "true"})
        key = self.pharos.make_key()
        self.pharos.api("POST", "/api/v4/monitors", {
            "tag": "job", "name": "Job", "monitor_type": "HEARTBEAT",
            "type_data": {"secretString": "hush-hush"}})
        self.assertEqual(self.pharos.request("POST", "/ext/heartbeat/job/hush-hush")[0], 200)
        self.pharos.stop()
        with open(self.pharos.log.name, encoding="utf-8") as log:
            text = log.read()
        self.assertIn("path=/ext/heartbeat/***", text)
        self.assertNotIn("hush-hush", text)
        self.assertNotIn(key, text)

    def test_sigterm_drains(self):
        self.assertEqual(self.pharos.stop(), 0)


class DemoTest(unittest.TestCase):
    def test_the_demo_is_in_full_dress(self):
        pharos = Pharos(BINARY, "--demo")
        try:
            page = until(lambda: (lambda a: a[2].decode() if a[0] == 200 else None)(
                pharos.request("GET", "/")), 15, "the page is served")
            for text in ("Checkout", "Slow hand-over to the delivery partner", "Mail worker",
                         "Checkout and API unavailable"):
                self.assertIn(text, page)
            pharos.make_key()
            until(lambda: any(s["type"] == "REALTIME" for s in self.recent(pharos, "api")), 20,
                  "a monitor of the demo is really checked")
        finally:
            pharos.close()

    def recent(self, pharos, tag):
        now = int(time.time())
        return pharos.api("GET", f"/api/v4/monitors/{tag}/data?start_ts={now - 60}"
                          f"&end_ts={now + 60}")[1]["data"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
