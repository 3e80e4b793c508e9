"""The public page in a real browser: it updates by itself, with and without scripts."""
import os
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import as_phone, console_errors, loaded, open_browser, shot
from harness import Pharos, Target, until

BINARY = os.environ["PHAROS_BINARY"]


class BrowserTest(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.pharos = Pharos(BINARY)
        self.pharos.make_key()
        status, answer = self.pharos.api("POST", "/api/v4/monitors", {
            "tag": "web", "name": "Web shop", "monitor_type": "API", "interval_seconds": 1,
            "type_data": {"url": self.target.url(), "timeout": 1000}})
        self.assertEqual(status, 201, answer)
        until(lambda: b"All Systems Operational" in self.pharos.request("GET", "/")[2], 10,
              "the page shows it up")
        self.browser = None

    def tearDown(self):
        if self.browser is not None:
            self.browser.quit()
        self.pharos.close()
        self.target.stop()

    def text(self):
        return self.browser.execute_script("return document.querySelector('main').innerText")

    def test_the_page_updates_by_itself(self):
        self.browser = open_browser()
        self.browser.get(self.pharos.base() + "/")
        self.assertIn("All Systems Operational", self.text())
        self.browser.execute_script("window.sameDocument = true")
        shot(self.browser, "live-before.png")
        self.target.stop()
        until(lambda: "Major System Outage" in self.text(), 10, "the outage appears by itself")
        shot(self.browser, "live-during.png")
        self.target.start()
        until(lambda: "All Systems Operational" in self.text(), 10,
              "the recovery appears by itself")
        shot(self.browser, "live-after.png")
        self.assertTrue(self.browser.execute_script("return window.sameDocument === true"),
                        "updated without loading the page anew")

    def test_readable_without_scripts(self):
        self.browser = open_browser(scripts=False)
        self.browser.get(self.pharos.base() + "/")
        body = self.browser.find_element(By.TAG_NAME, "body").text
        for text in ("Web shop", "Operational", "100"):
            self.assertIn(text, body)

    def test_no_errors_in_the_console_and_no_outside_requests(self):
        self.browser = open_browser()
        self.browser.get(self.pharos.base() + "/")
        loaded(self.browser)
        self.assertEqual(console_errors(self.browser), [])
        names = self.browser.execute_script(
            "return performance.getEntriesByType('resource').map(e => e.name)")
        self.assertTrue(all(name.startswith(self.pharos.base()) for name in names), names)

    def test_nothing_is_cut_off_on_a_phone(self):
        self.browser = open_browser(500, 900)
        as_phone(self.browser)
        self.browser.get(self.pharos.base() + "/")
        width = self.browser.execute_script("return document.documentElement.scrollWidth")
        self.assertLessEqual(width, 360)

    def test_the_members_of_a_group_stay_open_and_in_focus(self):
        for monitor in ({"tag": "mail", "name": "Mailserver" * 6, "monitor_type": "NONE",
                         "default_status": "UP"},
                        {"tag": "all", "name": "Everything", "monitor_type": "GROUP",
                         "type_data": {"monitors": [{"tag": "web", "weight": 0.5},
                                                    {"tag": "mail", "weight": 0.5}]}}):
            status, answer = self.pharos.api("POST", "/api/v4/monitors", monitor)
            self.assertEqual(status, 201, answer)
        until(lambda: b"Included Monitors (2)" in self.pharos.request("GET", "/")[2], 10,
              "the page names the members")
        self.browser = open_browser(500, 900)
        as_phone(self.browser)
        self.browser.get(self.pharos.base() + "/")
        self.browser.execute_script("document.querySelector('.parts summary').focus()")
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)
        self.assertIn("Web shop: Operational", self.text())
        width = self.browser.execute_script("return document.documentElement.scrollWidth")
        self.assertLessEqual(width, 360)
        self.target.stop()
        until(lambda: "Web shop: Down" in self.text(), 10, "the open list follows")
        self.assertTrue(self.browser.execute_script(
            "return document.activeElement.matches('.parts summary')"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
