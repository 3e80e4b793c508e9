#!/usr/bin/env python3
"""Screenshots of every screen of the demo: shots.py PROGRAM FOLDER

Starts the program with --demo on a free port and a data directory of its own, opens the page in
Chromium, light and dark, wide and narrow, then each page that it links to on the same server.
"""

import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PAGES_AT_MOST = 20
WIDE, NARROW = (1440, 900), (360, 740)
TALLEST = 1800


def start(program, data):
    """Returns the process and its address, which it prints when it listens."""
    process = subprocess.Popen(
        [program, "serve", "--demo", "--data", data, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    if not found:
        process.kill()
        sys.exit(f"shots: the program said {line!r} instead of its address")
    return process, found.group()


def wait_ready(address, seconds=60):
    """The demo is worth a picture when its first checks are in."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            for path in ("/readyz", "/"):
                urllib.request.urlopen(address + path, timeout=5).close()
            return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit("shots: the program did not become ready")


def open_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--force-device-scale-factor=1", "--disable-gpu", "--disable-quic",
                 "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync"):
        options.add_argument(flag)
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


def shoot(browser, url, path, size, dark):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
        {"name": "prefers-reduced-motion", "value": "reduce"}]})
    width, height = size

    def resize(to):
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": to, "deviceScaleFactor": 1, "mobile": size == NARROW})

    resize(height)
    browser.get(url)
    WebDriverWait(browser, 30).until(
        lambda b: b.execute_script("return document.readyState") == "complete")
    tall = browser.execute_script("return document.documentElement.scrollHeight")
    resize(max(height, min(tall, TALLEST)))
    browser.save_screenshot(str(path))
    print(path)


def linked_pages(browser, address):
    """Pages on the same server that the open page links to: (name for the file, url)."""
    pages = {}
    for link in browser.find_elements(By.TAG_NAME, "a"):
        url = (link.get_attribute("href") or "").split("#")[0]
        rest = url[len(address):].strip("/")
        if url.startswith(address + "/") and rest and "." not in rest.split("/")[-1]:
            pages.setdefault("page-" + re.sub(r"[^a-z0-9]+", "-", rest.lower()).strip("-"), url)
    return list(pages.items())[:PAGES_AT_MOST]


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        process, address = start(program, data)
        try:
            wait_ready(address)
            browser = open_browser()
            try:
                shoot(browser, address + "/", folder / "page-light.png", WIDE, False)
                others = linked_pages(browser, address)
                shoot(browser, address + "/", folder / "page-dark.png", WIDE, True)
                shoot(browser, address + "/", folder / "page-360-light.png", NARROW, False)
                shoot(browser, address + "/", folder / "page-360-dark.png", NARROW, True)
                for name, url in others:
                    shoot(browser, url, folder / f"{name}.png", WIDE, False)
            finally:
                browser.quit()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
