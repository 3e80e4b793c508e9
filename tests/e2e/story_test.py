"""One morning of an operator who speaks all five dialects: one model is behind them."""
import hashlib
import hmac
import json
import os
import time
import unittest
import xml.etree.ElementTree

from harness import Pharos, Receiver, Target, until

BINARY = os.environ["PHAROS_BINARY"]
MONITOR = "Storefront"
SERVICE = "Web shop"
INCIDENT = "Orders arrive late"
COMMENT = "The queue was moved to another host & drains again."

# Where each kind of webhook is sent, and what it calls the recovery.
RECEIVERS = {"/is0k": "monitor.up", "/kodo": "monitor.recovered", "/classic": "monitor.up"}


def hex_hmac(secret, body):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class StoryTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.receiver = Receiver()
        self.pharos = Pharos(BINARY)
        self.pharos.make_keys("kener_v4", "kener_classic", "kodo", "is0k")

    def tearDown(self):
        self.pharos.close()
        self.receiver.stop()
        self.target.stop()

    def page_has(self, *texts, path="/"):
        html = self.pharos.request("GET", path)[2].decode()
        return all(text in html for text in texts)

    def test_one_model_behind_five_dialects(self):
        self.the_monitor_is_made_through_is0k()
        self.everybody_sees_it()
        self.a_service_follows_it()
        self.an_incident_is_opened_through_kodo_and_commented_through_kener()
        self.webhooks_are_made()
        self.the_target_stops()
        self.the_target_returns()
        self.history_agrees()

    def the_monitor_is_made_through_is0k(self):
        made = self.pharos.made("is0k", "POST", "/api/v1/monitors", {
            "name": MONITOR, "type": "http", "url": self.target.url("/live"), "interval": 10,
            "timeout": 5, "retries": 0})["data"]
        self.assertRegex(made["id"], r"^mon_[0-9a-z]{12}$")
        self.id = made["id"]
        until(lambda: self.is0k_monitor()["status"] == "up", 10, "the first check")

    def is0k_monitor(self):
        return self.pharos.made("is0k", "GET", f"/api/v1/monitors/{self.id}")["data"]

    def everybody_sees_it(self):
        pharos = self.pharos
        monitors = pharos.made("kener_v4", "GET", "/api/v4/monitors")["monitors"]
        self.assertEqual([m["name"] for m in monitors], [MONITOR])
        uptime = pharos.made("kodo", "GET", "/api/v1/uptime-monitors")["monitors"]
        self.assertEqual([m["name"] for m in uptime], [MONITOR])
        self.tag = monitors[0]["tag"]
        # is0k's shortest interval is ten seconds; Kener's is one.
        pharos.made("kener_v4", "PATCH", f"/api/v4/monitors/{self.tag}", {"interval_seconds": 1})
        classic = pharos.made("kener_classic", "GET", "/api/monitors")["data"]["monitors"]
        self.assertEqual([m["name"] for m in classic], [MONITOR])
        self.assertEqual(self.classic_status()["status"], "up")
        self.assertEqual([m["name"] for m in self.classic_status()["monitors"]], [MONITOR])
        until(lambda: self.v3_word() == "UP", 10, "v3 reads it")
        until(lambda: self.page_has(MONITOR, "All Systems Operational"), 10, "the page shows it")

    def a_service_follows_it(self):
        pharos = self.pharos
        self.service = pharos.made("kodo", "POST", "/api/v1/services", {"name": SERVICE})["id"]
        uptime = pharos.made("kodo", "GET", "/api/v1/uptime-monitors")["monitors"][0]["id"]
        linked = pharos.made("kodo", "PATCH", f"/api/v1/uptime-monitors/{uptime}",
                             {"service_id": self.service})
        self.assertEqual(linked["service_id"], self.service)
        until(lambda: self.page_has(SERVICE, "All Systems Operational"), 10, "it is on the page")

    def service_word(self):
        return self.pharos.made("kodo", "GET", f"/api/v1/services/{self.service}")["status"]

    def classic_status(self):
        return json.loads(self.pharos.text("/api/status"))["data"]

    def v3_word(self):
        answer = self.pharos.made("kener_classic", "GET", f"/api/status?tag={self.tag}")
        return answer.get("status")

    def an_incident_is_opened_through_kodo_and_commented_through_kener(self):
        pharos = self.pharos
        incident = pharos.made("kodo", "POST", "/api/v1/incidents", {
            "title": INCIDENT, "severity": "minor", "message": "Looking into it.",
            "services": [MONITOR]})
        found = pharos.made("kener_v4", "GET", "/api/v4/incidents")["incidents"]
        self.assertEqual([i["title"] for i in found], [INCIDENT])
        self.number = found[0]["id"]
        pharos.made("kener_v4", "POST", f"/api/v4/incidents/{self.number}/comments", {
            "comment": COMMENT, "state": "IDENTIFIED"})
        seen = pharos.made("kodo", "GET", f"/api/v1/incidents/{incident['id']}")
        self.assertEqual(seen["status"], "identified")
        # Kener shows comments by the minute, yet everybody has them in order.
        self.assertEqual([u["message"] for u in seen["updates"]], [COMMENT, "Looking into it."])
        # It names the monitor that is0k made, which Kodo knows by the service that follows it.
        self.assertEqual([s["name"] for s in seen["services"]], [SERVICE])
        told = pharos.made("is0k", "GET", "/api/v1/incidents")["data"][0]
        self.assertEqual(told["monitor_ids"], [self.id])
        self.assertEqual(found[0]["monitors"], [{"monitor_tag": self.tag, "impact": "UP"}])

        for path in ("/", f"/incidents/{self.number}"):
            until(lambda: self.page_has(INCIDENT, COMMENT.replace("&", "&amp;"), path=path), 10,
                  f"{path} tells of it")
        feed = xml.etree.ElementTree.fromstring(pharos.text("/rss.xml"))
        items = [item.findtext("title") for item in feed.iter("item")]
        self.assertTrue(any(INCIDENT in title for title in items), items)
        self.assertIn(COMMENT, "".join(feed.itertext()))
        self.assertEqual([i["title"] for i in self.classic_status()["incidents"]], [INCIDENT])
        # Kodo's incidents do not decide what a monitor shows.
        self.assertEqual(self.v3_word(), "UP")

    def webhooks_are_made(self):
        pharos = self.pharos
        channel = pharos.made("is0k", "POST", "/api/v1/alert-channels", {
            "name": "Shop hook", "type": "webhook", "monitor_ids": [self.id],
            "config": {"url": self.receiver.url("/is0k"), "secret": "a secret of is0k"}})["data"]
        self.assertEqual(self.is0k_monitor()["alert_channel_ids"], [channel["id"]])
        self.kodo_secret = pharos.made("kodo", "POST", "/api/v1/webhooks", {
            "name": "Ops hook", "url": self.receiver.url("/kodo"),
            "events": ["monitor.down", "monitor.recovered", "service.status_changed"],
        })["webhook"]["secret"]
        self.a_webhook_speaks_as_kener_classic()

    def a_webhook_speaks_as_kener_classic(self):
        """That dialect has no endpoint for webhooks: the command line makes them."""
        made = self.pharos.run("webhook", "create", "--format", "kener_classic", "--name",
                               "Old hook", "--url", self.receiver.url("/classic"), "--event",
                               "monitor.down", "--event", "monitor.up", "--generate-secret")
        self.classic_secret = made.stdout.strip()

    def the_target_stops(self):
        self.target.stop()
        stopped = time.monotonic()
        until(lambda: self.v3_word() == "DOWN", 10, "v3 reads that it is down")
        until(lambda: self.is0k_monitor()["status"] == "down", 5, "is0k shows it")
        until(lambda: self.automatic() is not None, 10, "an incident opens by itself")
        until(lambda: self.service_word() == "major_outage", 10, "the service follows")
        self.assertLess(time.monotonic() - stopped, 10)
        incident = self.automatic()
        self.assertIsNone(incident["resolved_at"])
        self.assertEqual(incident["monitor_ids"], [self.id])
        self.assertEqual(self.classic_status()["status"], "down")
        until(lambda: self.page_has("Major System Outage", incident["title"], INCIDENT), 10,
              "the page shows both incidents")
        for path in RECEIVERS:
            until(lambda: self.heard(path), 10, f"{path} hears of it")
            self.assertEqual([m.json["event"] for m in self.heard(path)], ["monitor.down"])
        self.check_is0k_message(self.heard("/is0k")[0], "down", "up")
        self.check_kodo_message(self.heard("/kodo")[0])
        self.check_classic_message(self.heard("/classic")[0], "down")
        until(lambda: self.heard("/kodo", SERVICE), 10, "of the service, too")
        told = self.heard("/kodo", SERVICE)[0]
        self.assertEqual(told.json["event"], "service.status_changed")
        self.assertEqual((told.json["data"]["previous_status"], told.json["data"]["new_status"]),
                         ("operational", "major_outage"))

    def heard(self, path, name=MONITOR):
        """What a receiver got about one monitor, by the name that each format has somewhere."""
        return [message for message in self.receiver.at(path)
                if name == (message.json.get("monitor") or message.json["data"])["name"]]

    def automatic(self):
        incidents = self.pharos.made("is0k", "GET", "/api/v1/incidents")["data"]
        own = [i for i in incidents if i["source"] == "monitor"]
        self.assertLessEqual(len(own), 1)
        return own[0] if own else None

    def check_is0k_message(self, message, status, previous):
        self.assertEqual(message.headers["X-Is0k-Signature"],
                         "sha256=" + hex_hmac("a secret of is0k", message.body))
        self.assertEqual(message.headers["X-Is0k-Event"], message.json["event"])
        monitor = message.json["monitor"]
        self.assertEqual((monitor["id"], monitor["name"], monitor["status"],
                          monitor["previous_status"]), (self.id, MONITOR, status, previous))
        self.assertEqual(monitor["url"], self.target.url("/live"))

    def check_kodo_message(self, message):
        self.assertEqual(message.headers["X-Kodo-Signature"],
                         hex_hmac(self.kodo_secret, message.body))
        self.assertEqual(message.json["data"]["name"], MONITOR)
        # The documented verifier writes the parsed body again before it compares.
        again = json.dumps(message.json, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual(again.encode(), message.body)

    def check_classic_message(self, message, status):
        self.assertEqual(message.headers["X-Kener-Signature"],
                         "sha256=" + hex_hmac(self.classic_secret, message.body))
        self.assertEqual(message.headers["X-Kener-Event"], message.json["event"])
        self.assertEqual(message.json["data"],
                         {"monitor_id": self.id, "name": MONITOR, "status": status})

    def the_target_returns(self):
        self.target.start()
        until(lambda: self.v3_word() == "UP", 10, "v3 reads that it is up")
        until(lambda: self.automatic()["status"] == "resolved", 10, "the incident resolves itself")
        self.assertIsNotNone(self.automatic()["resolved_at"])
        for path, event in RECEIVERS.items():
            until(lambda: len(self.heard(path)) >= 2, 10, f"{path} hears of the recovery")
            self.assertEqual([m.json["event"] for m in self.heard(path)], ["monitor.down", event])
        recovery = self.heard("/is0k")[1]
        self.check_is0k_message(recovery, "up", "down")
        self.assertIsNotNone(recovery.json["incident"]["resolved_at"])
        self.check_kodo_message(self.heard("/kodo")[1])
        self.check_classic_message(self.heard("/classic")[1], "up")
        until(lambda: self.service_word() == "operational", 10, "the service follows")
        until(lambda: self.page_has("All Systems Operational"), 10, "the page shows the recovery")
        # The one that people opened is theirs to close.
        self.pharos.made("kener_v4", "POST", f"/api/v4/incidents/{self.number}/comments", {
            "comment": "Done.", "state": "RESOLVED"})
        found = self.pharos.made("kodo", "GET", "/api/v1/incidents?active=true")["incidents"]
        self.assertEqual(found, [])

    def history_agrees(self):
        """After all that: nothing was sent twice, and nobody counts differently."""
        self.assertEqual([len(self.heard(path)) for path in RECEIVERS], [2, 2, 2])
        until(lambda: len(self.heard("/kodo", SERVICE)) == 2, 10, "the service's recovery is told")
        ids = [(message.path, value) for message in self.receiver.messages
               for name, value in message.headers.items() if name.endswith("-Delivery")]
        self.assertEqual(len(set(ids)), len(self.receiver.messages), ids)
        checks = self.pharos.made("is0k", "GET", f"/api/v1/monitors/{self.id}/checks")["data"]
        self.assertEqual({c["status"] for c in checks}, {"up", "down"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
