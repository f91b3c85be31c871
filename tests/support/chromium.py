"""Find the Chromium that the browser tests drive, or install it: `python -m tests.support.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
"""Chromium without its windows: the same engine at three fifths of the processor time."""
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_INSTALL = "install Chromium (Debian: apt-get install chromium), or set CHROMIUM to the path of one"


def find() -> str | None:
    """The path of a Chromium: CHROMIUM's, one on the PATH, or the one Playwright installed; else None."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Chromium with the system's packages when that is allowed here, else with Playwright's download."""
    if _may_install() and _quiet("apt-get", "update", limit=120):
        for name in (SHELL, "chromium"):
            print(f"Installing {name} with apt-get ...", flush=True)
            packages = (name, "fonts-noto-cjk")  # Korean pages need Korean letters
            if _quiet("apt-get", "install", "--yes", "--no-install-recommends", *packages, limit=900):
                return
            if find() is not None:  # where the system has no package of the shell alone, any will do
                return
    print("Installing Chromium with Playwright ...", flush=True)
    _quiet(sys.executable, "-m", "playwright", "install", "chromium", limit=600)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _quiet(*command: str, limit: float = 300) -> bool:
    """Run without a terminal; True when it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, timeout=limit, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> int:
    """Exit code 0 when there is a Chromium in the end; otherwise one line says what to install."""
    wanted = find() is None or (_may_install() and shutil.which(SHELL) is None)
    if wanted and "CHROMIUM" not in os.environ:
        install()
    found = find()
    if found is None:
        print(f"no Chromium for the browser tests: {HOW_TO_INSTALL}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
