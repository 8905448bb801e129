"""Chromium, as a payer has it, and what judges the pages: axe-core and a reader of QR codes."""

import os
import subprocess
from pathlib import Path

from tools import make_importable, npm_folder

AXE = ("axe", "axe-core@4.14.1")
PLAYWRIGHT = ("browser", "playwright==1.65.2")
CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}


def _playwright():
    make_importable(*PLAYWRIGHT)
    from playwright.sync_api import sync_playwright

    return sync_playwright()


class Browser:
    """Remembers every error and every address that its pages asked for."""

    def __init__(self):
        self.errors = []
        self.requested = []
        self._parts = []

    def __enter__(self):
        self._driver = _playwright().start()
        # Chromium's sandbox does not start for root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._chromium = self._driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        return self

    def __exit__(self, *_):
        self._chromium.close()
        self._driver.stop()

    def page(self, javascript=True, scheme="light"):
        context = self._chromium.new_context(viewport=PHONE, java_script_enabled=javascript, color_scheme=scheme)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("response", lambda response: self._parts.append(response))  # takes no built-in function
        return page

    def bytes_received(self):
        """Of all pages with their styles and scripts, as they were before any compression."""
        kinds = ("document", "stylesheet", "script")
        return sum(len(part.body()) for part in self._parts if part.request.resource_type in kinds)


def violations(page):
    """What axe-core has against the page, in words."""
    script = npm_folder(*AXE) / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(Path(script).read_text())
    found = page.evaluate("axe.run(document)")["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def qr_text(page, file):
    """What a phone reads from the QR code on the screen."""
    page.locator(".qr").screenshot(path=file)
    read = subprocess.run(["zbarimg", "--quiet", "--raw", file], capture_output=True, check=True, timeout=30)
    return read.stdout.decode().removesuffix("\n")
