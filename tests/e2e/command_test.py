"""The command line as an operator meets it: what goes wrong is said in one plain line."""
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from harness import Pharos, Receiver, until

BINARY = os.environ["PHAROS_BINARY"]


def run(*arguments, environment=None):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(environment or {})})
    return done.returncode, done.stdout, done.stderr


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="pharos-command-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def path(self, name, content=None):
        path = os.path.join(self.root, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def refused(self, text, *arguments, code=1, environment=None):
        got, _, errors = run(*arguments, environment=environment)
        self.assertEqual(got, code, errors)
        self.assertIn(text, errors)
        self.assertNotIn("terminate", errors)
        return errors

    def serves(self, **options):
        server = Pharos(BINARY, data=self.path("data"), **options)
        self.addCleanup(server.close)
        return server

    def test_one_server_per_data_directory(self):
        server = self.serves()
        server.make_key()  # commands for keys work beside it
        self.refused("a server is running on", "serve", "--data", server.data,
                     "--listen", "127.0.0.1:0")
        backup = self.path("backup.db")
        self.assertEqual(run("backup", "--data", server.data, backup)[0], 0)
        self.refused("a server is running on", "restore", "--force", "--data", server.data, backup)
        self.assertEqual(server.stop(), 0)
        os.chmod(backup, 0o644)
        self.assertEqual(run("restore", "--force", "--data", server.data, backup)[0], 0)
        # It holds secrets: for the owner only, whatever the backup allowed.
        self.assertEqual(os.stat(os.path.join(server.data, "pharos.db")).st_mode & 0o777, 0o600)
        self.refused("--force", "restore", "--data", server.data, backup)

    def test_a_killed_server_leaves_no_lock_behind(self):
        server = self.serves()
        server.kill()
        server.process.stdout.close()
        server.start()

    def test_what_is_no_backup_is_not_restored(self):
        for name, content in (("empty", b""), ("text", b"this is not a database, but long enough"),
                              ("damaged", b"SQLite format 3\0" + b"\xff" * 5000)):
            target = self.path("into-" + name)
            self.refused(name, "restore", "--data", target, self.path(name, content))
            self.assertFalse(os.path.exists(os.path.join(target, "pharos.db")), name)
        self.refused("there is no file", "restore", "--data", self.path("x"), self.path("absent"))
        self.refused("empty", "backup", "--data", self.serves().data, "")

    def test_bad_settings_are_named(self):
        self.refused("is a directory", "serve", "--config", self.root)
        self.refused("cannot read", "serve", "--config", self.path("absent"))
        self.refused("longer than", "serve", "--config", self.path("big", b"# \n" * 400_000))
        self.refused("'Mars/One' is not a time zone", "serve",
                     environment={"PHAROS_PAGE_TIME_ZONE": "Mars/One"})
        # A misspelt variable is told of, and nothing else happens.
        errors = self.refused("PHAROS_HTTP_THREAD is not a setting", "serve", "--listen", "nowhere",
                              environment={"PHAROS_HTTP_THREAD": "3"})
        self.assertIn("listen must be ADDRESS:PORT", errors)

    def test_unknown_commands_and_options(self):
        self.refused("'sevre' is not a command", "sevre", code=2)
        self.refused("--bogus", "serve", "--bogus", code=2)

    def test_keys(self):
        data = ("--data", self.path("data"))
        self.refused("there is no database", "key", "list", *data)
        self.assertFalse(os.path.exists(self.path("data")))
        create = ("key", "create", *data, "--dialect", "kener_v4", "--name")
        code, text, _ = run(*create, "ops")
        self.assertEqual(code, 0)
        self.assertRegex(text, r"^kener_[0-9a-f]{64}\n$")
        errors = self.refused("a key 'ops' for kener_v4 already", *create, "ops")
        self.assertNotIn("INSERT", errors)
        self.refused("control characters", *create, "two\nlines")
        self.refused("expires at once", *create, "late", "--expires", "0s")
        self.refused("organisation 'other'", *create, "x", "--organisation", "other")

    def test_keys_of_every_dialect_and_their_switches(self):
        data = ("--data", self.path("data"))
        for dialect, form, more in (
                ("kodo", r"^kodo_[0-9A-Za-z]{40}\n$", ()),
                ("is0k", r"^is0k_live_[0-9A-Za-z]{32}\n$", ("--rate-class", "business")),
                ("kener_classic", r"^kener_[0-9a-f]{64}\n$", ("--scope", "read:monitors"))):
            _, text, _ = run("key", "create", *data, "--dialect", dialect, "--name", dialect, *more)
            self.assertRegex(text, form)
        create = ("key", "create", *data, "--dialect", "kener_classic", "--name", "x")
        self.refused("nor a permission of kener_classic", *create, "--scope", "read all")
        self.refused("rate-class must be one of", *create, "--rate-class", "gold")
        for word, state in (("disable", "disabled"), ("enable", "active"), ("revoke", "revoked")):
            self.assertEqual(run("key", word, *data, "kodo")[0], 0)
            self.assertRegex(run("key", "list", *data)[1], r"kodo +kodo .* " + state)
        self.refused("is revoked", "key", "enable", *data, "kodo")
        self.assertEqual(run("key", "delete", *data, "kodo")[0], 0)
        self.assertNotIn("kodo", run("key", "list", *data)[1])
        self.assertIn('"scopes":["monitors:read"]', run("key", "list", *data, "--json")[1])

    def test_a_running_server_learns_of_new_and_revoked_keys(self):
        server = self.serves()
        server.make_key("short-lived")
        server.run("key", "revoke", "short-lived")
        until(lambda: server.api("GET", "/api/v4/site")[0] == 401, 5, "the key is of no use")

    def test_webhooks(self):
        data = ("--data", self.path("data"))
        self.refused("there is no database", "webhook", "list", *data)
        create = ("webhook", "create", *data, "--url", "https://hooks.example.org/in?token=t0ken")
        classic = (*create, "--format", "kener_classic", "--event", "monitor.down")
        code, text, told = run(*classic, "--event", "incident.created", "--generate-secret")
        self.assertEqual(code, 0, told)
        self.assertRegex(text, r"^whsec_[0-9a-f]{64}\n$")
        self.assertIn("'kener_classic to hooks.example.org' (id 1, kener_classic) created", told)
        self.assertNotIn(text.strip(), told)
        self.refused("a webhook 'kener_classic to hooks.example.org' already", *classic)
        self.assertEqual(run(*create, "--name", "own", "--format", "kodo", "--event",
                             "monitor.recovered", "--secret", "s3cret")[1], "s3cret\n")
        self.assertEqual(run(*classic, "--name", "bare")[:2], (0, ""))
        lines = run("webhook", "list", *data, "--json")[1]
        for hidden in ("t0ken", "s3cret", text.strip()):
            self.assertNotIn(hidden, lines)
        first, second, third = map(json.loads, lines.splitlines())
        self.assertEqual((first["url"], first["events"], first["enabled"], first["last_delivery"]),
                         ("https://hooks.example.org/in", ["monitor.down", "incident.created"],
                          True, None))
        self.assertEqual((second["name"], second["events"]), ("own", ["monitor.recovered"]))
        self.assertEqual((second["signed"], third["signed"]), (True, False))
        self.assertEqual(run("webhook", "disable", *data, "own")[0], 0)
        self.assertRegex(run("webhook", "list", *data)[1],
                         r"2 +own +kodo +disabled +https:.* never +monitor.recovered")
        for word in ("1", "own", third["uid"]):
            self.assertEqual(run("webhook", "delete", *data, word)[0], 0)
        self.assertEqual(run("webhook", "list", *data, "--json")[1], "")
        self.refused("there is no webhook 'own'", "webhook", "delete", *data, "own")

    def test_wrong_webhooks_are_refused(self):
        data = ("--data", self.path("data"))
        create = ("webhook", "create", *data, "--event", "monitor.up", "--url")
        url = "http://127.0.0.1:1/"
        errors = self.refused("'monitor.recovered' is not an event of kener_classic", *create, url,
                              "--format", "kener_classic", "--event", "monitor.recovered")
        self.assertIn("monitor.down, monitor.up, monitor.degraded, incident.created", errors)
        self.refused("'kener' is not a format; there are: pharos,", *create, url, "--format",
                     "kener")
        self.refused("kener_v3 are not signed", *create, url, "--format", "kener_v3", "--secret",
                     "x")
        self.refused("excludes", *create, url, "--format", "kodo", "--secret", "x",
                     "--generate-secret", code=2)
        for wrong in ("ftp://a/", "https://user:hunter2@a/", "nowhere"):
            for name in ((), ("--name", "x")):
                errors = self.refused("pharos: ", *create, wrong, "--format", "is0k", *name)
                self.assertNotIn("hunter2", errors)

    def test_a_running_server_learns_of_webhooks(self):
        receiver = Receiver()
        self.addCleanup(receiver.stop)
        server = self.serves()
        server.make_keys("kodo")
        made = server.run("webhook", "create", "--url", receiver.url("/hook"), "--format",
                          "kener_classic", "--event", "incident.created", "--generate-secret",
                          "--name", "hook")
        secret = made.stdout.strip().encode()
        server.run("webhook", "test", "hook")
        self.assertEqual(receiver.at("/hook")[0].json["event"], "webhook.test")
        server.made("kodo", "POST", "/api/v1/incidents", {"title": "Late", "severity": "minor",
                                                          "message": "Looking", "services": []})
        until(lambda: len(receiver.at("/hook")) == 2, 10, "it hears of the incident")
        told = receiver.at("/hook")[1]
        self.assertEqual(told.json["event"], "incident.created")
        self.assertEqual(told.headers["X-Kener-Signature"],
                         "sha256=" + hmac.new(secret, told.body, hashlib.sha256).hexdigest())
        last = until(lambda: self.last_delivery(server, "incident.created"), 10, "it is noted")
        self.assertEqual((last["status_code"], last["error"]), (204, None))
        done = [(entry["actor_label"], entry["action"]) for entry in
                server.made("kodo", "GET", "/api/v1/audit-log")["entries"]]
        self.assertIn(("cli", "webhook.created"), done)
        server.run("webhook", "delete", "hook")
        receiver.stop()
        server.run("webhook", "create", "--url", receiver.url("/hook"), "--format", "pharos",
                   "--event", "monitor.up", "--name", "gone")
        failed = server.run("webhook", "test", "gone", check=False)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("the test was not delivered: ", failed.stderr)

    @staticmethod
    def last_delivery(server, event):
        last = json.loads(server.run("webhook", "list", "--json").stdout)["last_delivery"]
        return last if last and last["event"] == event else None

    def test_check_names_the_field(self):
        spec = self.path("spec.json", b'{"kind":"http","spec":{"url":"http://x/","timeout_ms":5}}')
        self.refused("timeout_ms must be between", "check", spec)
        self.refused("is a directory", "check", self.root)
        code, text, _ = run("check", "http://127.0.0.1:1/")
        self.assertEqual(code, 3)
        self.assertRegex(text, r"^verdict +down \(answered\)\nbecause +connection refused")

    def test_a_second_interrupt_does_not_wait_for_a_stuck_request(self):
        server = self.serves(environment={"PHAROS_HTTP_DRAIN_SECONDS": "600"})
        stuck = socket.create_connection(("127.0.0.1", server.port))
        self.addCleanup(stuck.close)
        stuck.sendall(b"POST /ext/heartbeat/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
        # An answer on a later connection shows that the first has been accepted.
        self.assertEqual(server.request("GET", "/healthz")[0], 200)
        server.process.send_signal(signal.SIGINT)
        until(lambda: self.is_closed(server.port), 10, "nobody is let in any more")
        self.assertIsNone(server.process.poll())

        def ended():
            server.process.send_signal(signal.SIGINT)
            return server.process.poll() is not None
        until(ended, 10, "the second interrupt ends it")
        server.process.stdout.close()

    @staticmethod
    def is_closed(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    unittest.main()
