"""Status pages made through Kodo, as visitors meet them in a real browser."""
import datetime
import os
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import as_phone, console_errors, loaded, open_browser, prefer, shot
from harness import Pages, Pharos, until

BINARY = os.environ["PHAROS_BINARY"]
PASSWORD = "correct horse & battery"


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class PagesTest(unittest.TestCase):
    """One server with one shop: two services, a public page and a private one."""

    @classmethod
    def setUpClass(cls):
        cls.pharos = Pharos(BINARY)
        cls.addClassCleanup(cls.pharos.close)
        cls.pharos.make_keys("kodo")
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)
        made = cls.make
        cls.checkout = made("services", {"name": "Checkout", "group": "Shop",
                                         "description": "Card and voucher payments"})["id"]
        cls.search = made("services", {"name": "Search", "group": "Shop"})["id"]
        cls.mail = made("services", {"name": "Internal mail"})["id"]
        made("status-pages", {
            "name": "Harbour shop", "slug": "harbour", "tagline": "Everything that ships.",
            "primary_color": "#7c3aed", "theme_mode": "system", "custom_domain": "status.shop.test",
            "announcement_text": "We move to a new warehouse on Friday.",
            "announcement_enabled": True, "announcement_type": "warning",
            "service_ids": [cls.search, cls.checkout]})
        made("status-pages", {
            "name": "Harbour staff", "slug": "staff", "theme_mode": "system",
            "status_page_visibility": "private", "status_page_password": PASSWORD,
            "status_page_password_hint": "The one from the notice board",
            "service_ids": [cls.mail]})
        until(lambda: cls.pharos.request("GET", "/status/harbour")[0] == 200, 10, "the page is up")
        until(lambda: "Internal mail" not in cls.pharos.text("/status/harbour") and
              "Checkout" in cls.pharos.text("/status/harbour"), 10, "it shows the services")

    @classmethod
    def make(cls, noun, body):
        return cls.pharos.made("kodo", "POST", f"/api/v1/{noun}", body)

    def setUp(self):
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        prefer(self.browser, "light")
        self.browser.delete_all_cookies()
        console_errors(self.browser)

    def open(self, path):
        self.browser.get(self.pharos.base() + path)
        loaded(self.browser)

    def body(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def style(self, selector, name):
        return self.browser.execute_script(
            "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]",
            selector, name)

    def accent(self):
        return self.browser.execute_script(
            "return getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()")

    def assert_fits(self, width):
        seen = self.browser.execute_script("return document.documentElement.scrollWidth")
        self.assertLessEqual(seen, width)

    def test_a_page_of_its_own_look(self):
        self.open("/status/harbour")
        body = self.body()
        for text in ("Harbour shop", "Everything that ships.", "Checkout", "Search",
                     "Card and voucher payments", "We move to a new warehouse on Friday."):
            self.assertIn(text, body)
        self.assertNotIn("Internal mail", body)
        self.assertLess(body.index("Search"), body.index("Checkout"), "the order of the page")
        self.assertEqual(self.accent(), "#7c3aed")
        self.assertNotEqual(self.style("h1", "color"), self.style("body", "color"))
        self.assertEqual(console_errors(self.browser), [])
        shot(self.browser, "kodo-light.png")

    def test_in_the_dark_and_on_a_phone(self):
        prefer(self.browser, "dark")
        self.open("/status/harbour")
        self.assertEqual(self.style("body", "backgroundColor"), "rgb(13, 16, 21)")
        shot(self.browser, "kodo-dark.png")
        as_phone(self.browser)
        for path in ("/status/harbour", "/status/staff"):
            self.open(path)
            self.assert_fits(360)
            shot(self.browser, "kodo-360-dark" + path.replace("/", "-") + ".png")
        prefer(self.browser, "light")
        self.open("/status/harbour")
        shot(self.browser, "kodo-360-light.png")

    def test_a_private_page_opens_for_its_password(self):
        self.open("/status/staff")
        self.assertIn("The one from the notice board", self.body())
        self.assertNotIn("Internal mail", self.browser.page_source)
        shot(self.browser, "private.png")
        self.submit("wrong")
        self.assertNotIn("Internal mail", self.browser.page_source)
        self.assertIn("password", self.browser.find_element(By.CSS_SELECTOR, ".bad").text.lower())
        shot(self.browser, "private-wrong.png")
        self.assertEqual(self.browser.get_cookies(), [])
        self.submit(PASSWORD)
        until(lambda: "Internal mail" in self.body(), 10, "it opens")
        self.assertTrue(self.browser.current_url.endswith("/status/staff"))
        cookie, = self.browser.get_cookies()
        self.assertTrue(cookie["httpOnly"])
        self.assertNotIn(PASSWORD, cookie["value"])
        shot(self.browser, "private-open.png")
        self.open("/status/staff")
        self.assertIn("Internal mail", self.body(), "the cookie opens it again")
        self.browser.delete_all_cookies()
        self.open("/status/staff")
        self.assertNotIn("Internal mail", self.body())
        # A refused load (401 is how the form comes) is all that a console may hold here.
        others = [e for e in console_errors(self.browser) if "401 (Unauthorized)" not in e]
        self.assertEqual(others, [])

    def submit(self, password):
        field = self.browser.find_element(By.CSS_SELECTOR, "input[type=password]")
        field.clear()
        field.send_keys(password + Keys.ENTER)
        until(lambda: self.is_gone(field), 10, "the answer is there")
        loaded(self.browser)

    @staticmethod
    def is_gone(element):
        try:
            element.is_enabled()
            return False
        except Exception:  # selenium tells by several exceptions that the document is another
            return True

    def test_the_door_opens_by_keyboard_alone(self):
        self.open("/status/staff")
        seen = []
        for _ in range(8):
            self.browser.switch_to.active_element.send_keys(Keys.TAB)
            here = self.browser.switch_to.active_element
            seen.append((here.tag_name, here.get_attribute("type")))
        self.assertIn(("input", "password"), seen)
        self.assertIn(("button", "submit"), seen)
        field = self.browser.find_element(By.CSS_SELECTOR, "input[type=password]")
        name = field.get_attribute("id")
        label = self.browser.find_element(By.CSS_SELECTOR, f"label[for={name}]")
        self.assertTrue(label.text)
        field.send_keys(PASSWORD + Keys.TAB)
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)
        until(lambda: "Internal mail" in self.body(), 10, "the button works")

    def test_nothing_of_a_private_page_leaks(self):
        for path in ("/status/staff/rss", "/status/staff/atom", "/live?page=staff",
                     "/api/public/status/staff", "/rss.xml"):
            status, _, body = self.pharos.request("GET", path)
            self.assertNotIn(b"Internal mail", body, path)
            if path != "/rss.xml":
                self.assertGreaterEqual(status, 400, path)

    def test_a_domain_of_its_own(self):
        text = self.pharos.text("/", headers={"Host": "status.shop.test"})
        self.assertIn("Harbour shop", text)
        self.assertNotIn("Internal mail", text)
        text = self.pharos.text("/", headers={"Host": "status.shop.test:8443"})
        self.assertIn("Harbour shop", text)
        self.assertNotIn("Harbour shop", self.pharos.text("/", headers={"Host": "else.test"}))
        self.assertIn("Checkout", self.pharos.text("/rss.xml", headers={"Host": "status.shop.test"})
                      + self.pharos.text("/", headers={"Host": "status.shop.test"}))

    def test_maintenance_in_progress(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        made = self.make("maintenance", {
            "title": "New payment terminals", "description": "Cards may fail twice.",
            "services": ["Checkout"], "scheduled_start": iso(now - datetime.timedelta(minutes=1)),
            "scheduled_end": iso(now + datetime.timedelta(hours=1))})
        made = made.get("maintenance", made)
        self.addCleanup(self.pharos.call, "kodo", "DELETE", f"/api/v1/maintenance/{made['id']}")
        self.open("/status/harbour")
        until(lambda: "New payment terminals" in self.body(), 20, "the page tells of it by itself")
        # Services repeat their status every minute, and show maintenance from the next time on.
        until(lambda: self.word_of("Checkout") == "Under maintenance", 70, "the service shows it")
        self.assertEqual(self.word_of("Search"), "Operational")
        self.assertIn("Cards may fail twice.", self.body())
        shot(self.browser, "maintenance.png")
        self.assertEqual(console_errors(self.browser), [])

    def word_of(self, name):
        # In one step: the page renews itself between two.
        return self.browser.execute_script("""
            const row = [...document.querySelectorAll('.m')]
                .find(m => m.querySelector('h3').innerText === arguments[0]);
            return row && row.querySelector('.st').innerText""", name)

    def test_the_widget_on_another_web_site(self):
        widget = (f'<!doctype html><title>Shop</title><p>Welcome</p><script src="'
                  f'{self.pharos.base()}/widget.js" data-page="%s" data-style="%s"></script>')
        site = Pages({"/badge": widget % ("harbour", "badge"),
                      "/banner": widget % ("harbour", "banner"),
                      "/floating": widget % ("harbour", "floating"),
                      "/private": widget % ("staff", "badge")})
        self.addCleanup(site.stop)

        def drawn():
            return self.browser.execute_script(
                "const e = document.querySelector('[role=status]');"
                "return e && e.style.display !== 'none' ? e.innerText : ''")

        for style in ("badge", "banner", "floating"):
            self.browser.get(site.url(f"/{style}"))
            until(drawn, 10, f"the {style} is drawn")
            self.assertRegex(drawn(), "(?i)operational|maintenance")
            link = self.browser.find_element(By.CSS_SELECTOR, "[role=status] a")
            self.assertEqual(link.get_attribute("href"), self.pharos.base() + "/status/harbour")
            shot(self.browser, f"widget-{style}.png")
        severe = [e for e in console_errors(self.browser) if "favicon.ico" not in e]
        self.assertEqual(severe, [])
        self.browser.get(site.url("/private"))
        until(lambda: any("404" in e for e in console_errors(self.browser)), 10, "it is refused")
        self.assertEqual(drawn(), "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
