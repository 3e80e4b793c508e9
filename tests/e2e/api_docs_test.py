"""The API viewer in a real browser: it shows every dialect and asks nobody but this server."""
import json
import os
import unittest

from selenium.webdriver.common.by import By

from browser import as_phone, console_errors, loaded, open_browser, shot
from harness import Pharos, until

BINARY = os.environ["PHAROS_BINARY"]

# Where each dialect's pages are, and an operation that must be among those shown.
VIEWERS = {
    "/api/v4/docs": ("GET", "/api/v4/monitors"),
    "/kener/api/v4/docs": ("GET", "/kener/api/v4/monitors"),
    "/api/docs?dialect=kener_classic": ("GET", "/api/monitors"),
    "/api/docs?dialect=kener_v3": ("POST", "/api/status"),
    "/api/v1/docs?dialect=kodo": ("GET", "/api/v1/services"),
    "/api/v1/docs?dialect=is0k": ("GET", "/api/v1/alert-channels"),
    "/kodo/api/v1/docs": ("GET", "/kodo/api/v1/services"),
    "/is0k/api/v1/docs": ("POST", "/is0k/api/v1/monitors"),
}


class ApiDocsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pharos = Pharos(BINARY)
        cls.addClassCleanup(cls.pharos.close)
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)

    def requests(self):
        """Addresses of everything that the browser asked for since the last call."""
        urls = []
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return [url for url in urls if not url.startswith(("data:", "chrome", "blob:", "about:"))]

    def operations(self):
        return self.browser.execute_script("""
            return [...document.querySelectorAll('.opblock')].map(block => [
                block.querySelector('.opblock-summary-method').innerText,
                block.querySelector('.opblock-summary-path').innerText.replace(/\\u200b/g, '')])""")

    def open(self, path):
        self.requests()
        console_errors(self.browser)
        self.browser.get(self.pharos.base() + path)
        loaded(self.browser)
        return until(self.operations, 20, f"{path} shows operations")

    def test_every_viewer(self):
        for path, (method, operation) in VIEWERS.items():
            with self.subTest(path):
                self.open(path)
                shown = self.scroll_through()
                self.assertIn((method, operation), shown)
                self.assertEqual(len(shown), self.described(path), "all that is described is shown")
                self.assertEqual(console_errors(self.browser), [])
                strangers = [url for url in self.requests()
                             if not url.startswith(self.pharos.base() + "/")]
                self.assertEqual(strangers, [])

    def scroll_through(self):
        """The operations of the whole page; of a long one the viewer draws what is in sight."""
        shown = set()

        def look():
            shown.update((method, path) for method, path in self.operations())
            return self.browser.execute_script("""
                const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
                scrollBy(0, innerHeight / 2);
                return end""")

        until(look, 60, "the end of the page")
        return shown

    def described(self, path):
        document = json.loads(self.pharos.text(path.replace("/docs", "/openapi.json")))
        verbs = {"get", "post", "put", "patch", "delete"}
        return sum(len(verbs & set(item)) for item in document["paths"].values())

    def test_an_operation_opens(self):
        self.open("/api/v4/docs")
        shot(self.browser, "api-docs.png")
        self.browser.find_element(By.CSS_SELECTOR, ".opblock-summary-control").click()
        until(lambda: "Responses" in self.browser.find_element(By.TAG_NAME, "body").text, 10,
              "what it answers is shown")
        self.assertEqual(console_errors(self.browser), [])
        shot(self.browser, "api-docs-open.png")

    def test_the_two_of_one_path_link_to_each_other(self):
        self.open("/api/v1/docs?dialect=kodo")
        self.browser.find_element(By.CSS_SELECTOR, "nav a[href*=is0k]").click()
        until(lambda: ["GET", "/api/v1/alert-channels"] in self.operations(), 20, "the other one")

    def test_on_a_phone(self):
        as_phone(self.browser)
        self.addCleanup(self.browser.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        self.open("/api/v4/docs")
        shot(self.browser, "api-docs-360.png")
        width = self.browser.execute_script("return document.documentElement.scrollWidth")
        self.assertLessEqual(width, 360)


if __name__ == "__main__":
    unittest.main(verbosity=2)
