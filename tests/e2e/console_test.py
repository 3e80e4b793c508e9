"""`pharos monitor` against a running server, and `pharos secret` beside it."""
import http.server
import json
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

from harness import Pharos, Target, until

BINARY = os.environ["PHAROS_BINARY"]


class Recorder(Target):
    """Remembers the paths that were asked for."""

    def __init__(self):
        self.paths = []
        super().__init__()

    def handler(self):
        paths = self.paths

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="pharos-console-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.server = Pharos(BINARY, data=os.path.join(self.root, "data"))
        self.addCleanup(self.server.close)
        self.key = self.server.run("key", "create", "--dialect", "console", "--name",
                                   "cli").stdout.strip()
        self.assertTrue(self.key.startswith("pharos_"))
        self.key_file = os.path.join(self.root, "key")
        with open(self.key_file, "w", encoding="ascii") as file:
            file.write(self.key + "\n")

    def monitor(self, *arguments, code=0, key=True):
        """Runs `pharos monitor`; returns what it says on both outputs."""
        environment = {k: v for k, v in os.environ.items() if k != "PHAROS_KEY"}
        done = subprocess.run(
            [BINARY, "monitor", *arguments, "--server", f"http://127.0.0.1:{self.server.port}",
             *(["--key-file", self.key_file] if key else [])],
            capture_output=True, text=True, timeout=60, env=environment)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        self.assertNotIn(self.key, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def secret(self, *arguments, value=None, code=0):
        done = subprocess.run([BINARY, "secret", *arguments, "--data", self.server.data],
                              input=value, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout + done.stderr

    def create(self, body):
        status, _, text = self.server.request(
            "POST", "/console/api/v1/monitors", json.dumps(body),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
        self.assertEqual(status, 201, text)

    def test_monitors_from_the_command_line(self):
        target = Target()
        self.addCleanup(target.stop)
        url = f"http://127.0.0.1:{target.port}/"
        self.create({"tag": "shop", "name": "Shop", "kind": "http", "spec": {"url": url},
                     "schedule": {"kind": "interval", "interval_s": 86400}})
        self.assertIn("shop", self.monitor("list"))
        self.assertIn("verdict        up (answered)", self.monitor("check", "shop"))
        self.assertEqual(json.loads(self.monitor("check", "shop", "--json"))["status"], "up")
        self.assertIn("state.status", self.monitor("show", "shop"))
        self.assertIn("verdict        up", self.monitor("test", url))
        self.assertIn("verdict        up", self.monitor("test", "--monitor", "shop"))
        self.assertIn("verdict        down", self.monitor("test", "http://127.0.0.1:9/", code=3))
        self.assertEqual(self.monitor("clone", "shop"), "shop-2\n")
        self.monitor("pause", "shop-2")
        self.assertIn("paused", self.monitor("list", "--text", "copy"))
        self.monitor("resume", "shop-2")
        self.assertIn("up", self.monitor("log", "shop"))
        self.assertIn("say --force", self.monitor("delete", "shop-2", code=1))
        self.monitor("delete", "shop-2", "--force")
        rows = [json.loads(line) for line in self.monitor("list", "--json").splitlines()]
        self.assertEqual([row["tag"] for row in rows], ["shop"])

    def test_failed_checks_show_what_they_saw(self):
        target = Target()
        self.addCleanup(target.stop)
        url = f"http://127.0.0.1:{target.port}/?token=do-not-tell"
        self.create({"tag": "shop", "name": "Shop", "kind": "http",
                     "spec": {"url": url, "expected_status": "418"},
                     "schedule": {"kind": "interval", "interval_s": 86400}})
        self.assertIn("down", self.monitor("check", "shop", code=3))
        shown = self.monitor("log", "shop", "--evidence")
        self.assertRegex(shown, r"down  HTTP 200, expected 418\n")
        self.assertRegex(shown, r"\n  address +127\.0\.0\.1: connected\n")
        self.assertRegex(shown, r"\n  answer +HTTP/1\.. 200\n")
        self.assertNotIn("do-not-tell", shown)
        seen = json.loads(self.monitor("log", "shop", "--evidence", "--json"))
        self.assertEqual(seen["failures"][0]["seen"]["status"], 200)

    def test_what_goes_wrong_is_said(self):
        self.assertIn("There is no monitor 'nobody'", self.monitor("check", "nobody", code=1))
        self.assertIn("--key-file", self.monitor("list", key=False, code=1))
        self.assertIn("status must be one of", self.monitor("list", "--status", "fine", code=1))
        self.server.stop()
        self.assertIn("could not be asked", self.monitor("list", code=1))

    def test_secrets_beside_the_server(self):
        key = os.path.join(self.server.data, "secret.key")
        self.assertFalse(os.path.exists(key))
        said = self.secret("set", "TOKEN", value="not-in-clear-anywhere\n")
        self.assertNotIn("not-in-clear", said)
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.assertIn("TOKEN", self.secret("list"))
        target = Recorder()
        self.addCleanup(target.stop)
        seen = target.paths
        url = f"http://127.0.0.1:{target.port}/?t=$TOKEN"

        def found():
            self.monitor("test", url)
            return any(path.endswith("t=not-in-clear-anywhere") for path in seen)
        until(found, 10, "the server knows the secret that the command line set")
        self.assertIn("1 secrets encrypted anew", self.secret("rotate"))
        seen.clear()
        until(found, 10, "and knows it after a rotation")
        for name in os.listdir(self.server.data):
            path = os.path.join(self.server.data, name)
            with open(path, "rb") as file:
                self.assertNotIn(b"not-in-clear", file.read(), name)
        self.assertIn("value must have", self.secret("set", "A", value="abc", code=1))
        self.assertIn("name must be", self.secret("set", "1A", value="abcd", code=1))
        self.server.stop()
        os.rename(key, key + ".away")
        done = subprocess.run([BINARY, "serve", "--data", self.server.data, "--listen",
                               "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no key in", done.stderr)
        self.assertIn("deleted", self.secret("delete", "TOKEN"))


if __name__ == "__main__":
    unittest.main()
