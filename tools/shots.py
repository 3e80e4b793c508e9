#!/usr/bin/env python3
"""Screenshots of every screen of the demo: shots.py PROGRAM FOLDER

Starts the program with --demo on a free port and a data directory of its own, opens the page in
Chromium, light and dark, wide and narrow, then an incident, a page made through the Kodo API, a
private one at its door, and the viewer of the APIs.
"""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

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


def shoot(browser, url, path, size, dark, wait_for="body", tallest=TALLEST):
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
    WebDriverWait(browser, 30).until(lambda b: b.find_elements(By.CSS_SELECTOR, wait_for))
    tall = browser.execute_script("return document.documentElement.scrollHeight")
    resize(max(height, min(tall, tallest)))
    browser.save_screenshot(str(path))
    print(path)


def first_incident(browser, address):
    """Address of the first incident that the open page links to."""
    for link in browser.find_elements(By.TAG_NAME, "a"):
        url = link.get_attribute("href") or ""
        if url.startswith(address + "/incidents/"):
            return url
    sys.exit("shots: the demo shows no incident")


def make_pages(program, data, address):
    """Two pages beside the demo's own, through the Kodo API."""
    key = subprocess.run([program, "key", "create", "--data", data, "--dialect", "kodo", "--name",
                          "shots"], capture_output=True, text=True, check=True).stdout.strip()

    def call(path, body):
        request = urllib.request.Request(
            address + path, json.dumps(body).encode(),
            {"X-API-Key": key, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    services = [call("/api/v1/services", {"name": name, "description": text})["id"]
                for name, text in (("Warehouse", "Picking, packing and hand-over"),
                                   ("Returns desk", "Labels and refunds"))]
    call("/api/v1/status-pages", {
        "name": "Harbour Logistics", "slug": "harbour", "tagline": "Everything that ships.",
        "primary_color": "#0f766e", "theme_mode": "system", "header_style": "centered",
        "announcement_text": "The warehouse is closed on 1 January.",
        "announcement_enabled": True, "service_ids": services})
    call("/api/v1/status-pages", {
        "name": "Harbour staff", "slug": "staff", "theme_mode": "system",
        "status_page_visibility": "private", "status_page_password": "shown to nobody",
        "status_page_password_hint": "The one from the notice board"})


def wait_for_text(address, path, text, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address + path, timeout=5) as reply:
                if text in reply.read().decode():
                    return
        except urllib.error.HTTPError as error:
            if text in error.read().decode():  # a door answers 401
                return
        time.sleep(0.2)
    sys.exit(f"shots: {path} does not show {text!r}")


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
                incident = first_incident(browser, address)
                shoot(browser, address + "/", folder / "page-dark.png", WIDE, True)
                shoot(browser, address + "/", folder / "page-360-light.png", NARROW, False)
                shoot(browser, address + "/", folder / "page-360-dark.png", NARROW, True)
                shoot(browser, incident, folder / "incident.png", WIDE, False)
                make_pages(program, data, address)
                wait_for_text(address, "/status/harbour", "Returns desk")
                wait_for_text(address, "/status/staff", "notice board")
                shoot(browser, address + "/status/harbour", folder / "kodo-page.png", WIDE, False)
                shoot(browser, address + "/status/staff", folder / "private-page.png", WIDE, False)
                shoot(browser, address + "/api/v4/docs", folder / "api-docs.png", WIDE, False,
                      ".opblock", WIDE[1])
            finally:
                browser.quit()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
