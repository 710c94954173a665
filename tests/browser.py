"""Chromium behind its driver, as far as tests of the page need it: the WebDriver protocol by HTTP."""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
#: where a missing browser is a failure: continuous integration that could install it
REQUIRED = "MODELLAB_BROWSER_TESTS"
MISSING = "needs Chromium and its driver (as root on Debian or Ubuntu: make browser)"
#: for tests that open one
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and os.environ.get(REQUIRED) != "required", reason=MISSING
)


class Browser:
    """One window. `run` takes a script, with its arguments as `arguments[0]`, ..."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client = client
        self._session = session

    def call(self, method: str, path: str, body: Any = None) -> Any:
        reply = self._client.request(method, f"/session/{self._session}{path}", json=body)
        value = reply.json()["value"]
        if reply.is_error:
            raise AssertionError(f"{path}: {value['error']}: {value['message'][:500]}")
        return value

    def open(self, address: str) -> None:
        self.call("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: Any, seconds: float = 20) -> Any:
        """Run a script until it gives something true, and give that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script, *arguments):
                return found
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for: {script}")

    def devtools(self, command: str, **parameters: Any) -> Any:
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width: int, dark: bool = False, height: int = 900) -> None:
        """Set the size of the window, and whether the system is dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        Path(path).write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """What the console says since the last call, from warnings on."""
        log = self.call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in log if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """The addresses asked for since the last call."""
        log = self.call("POST", "/se/log", {"type": "performance"})
        events = [json.loads(entry["message"])["message"] for entry in log]
        sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """A browser without a window; `folder` is where it keeps its profile."""
    assert CHROMIUM, MISSING
    assert DRIVER, MISSING
    port = _free_port()
    driver = subprocess.Popen(
        [DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False
        ) as http:
            _wait_for(http)
            reply = http.post("/session", json={"capabilities": {"alwaysMatch": _wanted(folder)}})
            assert reply.status_code == 200, reply.text
            browser = Browser(http, reply.json()["value"]["sessionId"])
            try:
                yield browser
            finally:
                browser.call("DELETE", "")
    finally:
        driver.terminate()
        driver.wait(20)


def _wanted(folder: Path) -> dict[str, Any]:
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    flags += ["--disable-background-networking", "--no-first-run", f"--user-data-dir={folder}"]
    return {
        "goog:chromeOptions": {"args": flags, "binary": CHROMIUM},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "timeouts": {"script": 60000, "pageLoad": 60000},
    }


def _wait_for(http: httpx.Client) -> None:
    for _ in range(200):
        try:
            if http.get("/status").json()["value"]["ready"]:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("the driver does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
