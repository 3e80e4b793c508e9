"""product.md 15.2 as visitors see it: pages, badges, feeds, and reports of push monitors."""
import os
import time
import unittest

from harness import Pharos, Target, until

BINARY = os.environ["PHAROS_BINARY"]


class AcceptanceTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.pharos = Pharos(BINARY)
        self.pharos.make_key()

    def tearDown(self):
        self.pharos.close()
        self.target.stop()

    def make(self, tag, **fields):
        body = {"tag": tag, "name": tag.title(), "monitor_type": "API", "interval_seconds": 1,
                "type_data": {"url": self.target.url(), "timeout": 1000}, **fields}
        status, answer = self.pharos.api("POST", "/api/v4/monitors", body)
        self.assertEqual(status, 201, answer)

    def badge(self, tag, kind="status"):
        return self.pharos.request("GET", f"/badge/{tag}/{kind}")

    def page(self):
        return self.pharos.request("GET", "/")[2].decode()

    def test_check_2_an_incident_shows_on_page_and_badge_and_ends(self):
        self.make("shop")
        until(lambda: b"Operational" in self.badge("shop")[2], 10, "up")
        status, made = self.pharos.api("POST", "/api/v4/incidents", {
            "title": "Cards are declined", "start_date_time": int(time.time()) - 60,
            "monitors": [{"monitor_tag": "shop", "impact": "DOWN"}]})
        self.assertEqual(status, 201, made)
        until(lambda: b"Down" in self.badge("shop")[2], 10, "the badge is down")
        until(lambda: "Major System Outage" in self.page(), 10, "the page is down")
        status, answer = self.pharos.api(
            "POST", f"/api/v4/incidents/{made['incident']['id']}/comments",
            {"comment": "Fixed", "state": "RESOLVED"})
        self.assertEqual(status, 201, answer)
        until(lambda: b"Operational" in self.badge("shop")[2], 10, "the badge is up again")
        until(lambda: "All Systems Operational" in self.page(), 10, "the page is up again")

    def test_check_6_what_is_hidden_has_no_badge(self):
        self.make("seen")
        self.make("unseen", is_hidden="YES")
        until(lambda: b"Operational" in self.badge("seen")[2], 10, "up")
        # product.md 8.2: a picture that says so, with status 200.
        self.assertIn(b"Not Found", self.badge("unseen")[2])
        self.assertNotIn(b"Unseen", self.badge("unseen")[2])
        self.assertNotIn("Unseen", self.page())
        feed = self.pharos.request("GET", "/status/rss")
        self.assertNotIn(b"Unseen", feed[2])

    def test_check_8_a_group_of_three_on_the_page(self):
        for tag in ("one", "two"):
            self.make(tag)
        other = Target()
        self.make("three", type_data={"url": other.url(), "timeout": 1000})
        for tag in ("one", "two", "three"):
            until(lambda t=tag: b"Operational" in self.badge(t)[2], 10, f"{tag} is up")
        status, answer = self.pharos.api("POST", "/api/v4/monitors", {
            "tag": "all", "name": "All", "monitor_type": "GROUP", "interval_seconds": 60,
            "type_data": {"monitors": [{"tag": "one", "weight": 0.5}, {"tag": "two", "weight": 0.3},
                                       {"tag": "three", "weight": 0.2}]}})
        self.assertEqual(status, 201, answer)
        until(lambda: b"Operational" in self.badge("all")[2], 10, "the group is up")
        other.stop()
        until(lambda: b"Degraded" in self.badge("all")[2], 10, "one down: degraded, at once")
        self.target.stop()
        until(lambda: b"Down" in self.badge("all")[2], 10, "all down: down, at once")

    def test_check_7_the_first_beat_is_up(self):
        status, answer = self.pharos.api("POST", "/api/v4/monitors", {
            "tag": "cron", "name": "Cron", "monitor_type": "HEARTBEAT", "interval_seconds": 1,
            "default_status": "NONE", "type_data": {
                "degradedRemainingMinutes": 5, "downRemainingMinutes": 10, "secretString": "x"}})
        self.assertEqual(status, 201, answer)
        self.assertEqual(self.pharos.request("GET", "/ext/heartbeat/cron/x")[0], 200)
        until(lambda: b"Operational" in self.badge("cron")[2], 10, "up")


if __name__ == "__main__":
    unittest.main(verbosity=2)
