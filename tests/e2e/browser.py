"""A real Chromium for the tests, alone with the server under test."""
import os
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from harness import until

SHOTS = os.environ.get("PHAROS_SHOTS")


def open_browser(width=1280, height=900, scripts=True):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 f"--window-size={width},{height}", f"--user-data-dir={tempfile.mkdtemp()}"):
        options.add_argument(flag)
    if not scripts:
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def as_phone(browser, width=360, height=740):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 2, "mobile": True})


def prefer(browser, scheme):
    """The reader's system is set to "light" or "dark"."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})


def loaded(browser):
    until(lambda: browser.execute_script("return document.readyState") == "complete", 10,
          "the page is loaded")


def console_errors(browser):
    """Messages of level SEVERE since the last call: script errors, refused loads, policy breaks."""
    return [entry["message"] for entry in browser.get_log("browser")
            if entry["level"] == "SEVERE"]


def shot(browser, name):
    if SHOTS:
        browser.save_screenshot(os.path.join(SHOTS, name))
