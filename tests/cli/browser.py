"""A headless Chromium of the distribution, driven through chromedriver's HTTP interface (W3C WebDriver)."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request


def missing():
    """Why there is no browser here; "" when there is one."""
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "no chromium: apt-get install chromium chromium-driver"
    return "" if shutil.which("chromedriver") else "no chromedriver: apt-get install chromium-driver"


class Browser:
    """with Browser(width, height) as browser: browser.open(path); browser.run("return 1")"""

    def __init__(self, width=1280, height=800, touch=False):
        self.width, self.height, self.touch = width, height, touch

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.driver = subprocess.Popen([shutil.which("chromedriver"), f"--port={port}"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.root = f"http://127.0.0.1:{port}"
        try:
            self.wait_for_driver()
            options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                                f"--window-size={self.width},{self.height}"]}
            if self.touch:
                options["mobileEmulation"] = {"deviceMetrics": {"width": self.width, "height": self.height,
                                                                "pixelRatio": 2, "touch": True}}
            answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
            self.root += "/session/" + answer["sessionId"]
        except BaseException:
            self.driver.kill()
            self.driver.wait()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=30)

    def wait_for_driver(self):
        for _ in range(300):
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError, RuntimeError):
                pass
            time.sleep(.1)
        raise TimeoutError("chromedriver does not answer")

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.root + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        # Not through a proxy: the driver is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"].splitlines()[0]) from None

    def open(self, path):
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition, seconds=30):
        """Until the expression is true in the page; -> its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(f"return {condition}")
            if value:
                return value
            time.sleep(.05)
        raise TimeoutError(f"still not true in the page: {condition}")

    def keys(self, text):
        """Presses keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def drag(self, selector, across, down, kind="mouse"):
        """Drags from the middle of the element."""
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        move = {"type": "pointerMove", "duration": 50}
        actions = [{**move, "origin": element, "x": 0, "y": 0}, {"type": "pointerDown", "button": 0},
                   {**move, "origin": element, "x": across // 2, "y": down // 2},
                   {**move, "origin": element, "x": across, "y": down}, {"type": "pointerUp", "button": 0}]
        self.call("POST", "/actions", {"actions": [
            {"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": actions}]})

    def click(self, selector):
        # Not where the controls at the bottom of a narrow page would be in its way.
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", selector)
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", "/element/" + next(iter(element.values())) + "/click", {})

    def screenshot(self):
        """-> the bytes of a PNG."""
        return base64.b64decode(self.call("GET", "/screenshot"))

    def messages(self):
        """What went wrong in the page, or what it logged, since the last call."""
        entries = self.call("POST", "/se/log", {"type": "browser"})
        # Advice on the speed of a test's own look at a canvas is no fault of the page.
        return [entry["message"] for entry in entries if "getImageData" not in entry["message"]]
