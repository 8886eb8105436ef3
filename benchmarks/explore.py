"""Times the explorer in headless Chromium: `python -m benchmarks.explore HOME`, the home of a release of any size."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FACETS = ("Législature", "Statut", "Ministère", "Rubrique")


def visit(page: Page, address: str) -> None:
    """Loads the page, then narrows it by one facet after another."""
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(".rows > li").first.wait_for()
    whole = time.perf_counter() - started
    painted = page.wait_for_function("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    first = painted.json_value() / 1000
    print(f"first paint {first:.2f} s, first questions {whole:.2f} s: {page.locator('.count').inner_text()}")
    for label in FACETS:
        started = time.perf_counter()
        with page.expect_navigation():
            page.get_by_label(label).select_option(index=2)
        print(f"{label:>12} {time.perf_counter() - started:.2f} s: {page.locator('.count').inner_text()}")


def main(home: str) -> None:
    """Three visits: with an empty cache, and twice as somebody who comes back."""
    command = [Path(sys.executable).with_name("anq"), "--home", home, "explore", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout
        address = server.stdout.readline().split()[0]
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            context = browser.new_context()
            for _ in range(3):
                visit(context.new_page(), address)
            browser.close()
        finally:
            server.kill()


if __name__ == "__main__":
    main(sys.argv[1])
