"""The docs' site: it builds strictly, asks nothing of elsewhere, speaks each page's language; the tutorials end in a plot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

ROOT = Path(__file__).parents[1]
HERE = Path(sys.executable).parent
ASKED = "//script/@src | //link[not(@rel='canonical')]/@href | //img/@src | //iframe/@src | //source/@src"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # without --quiet, which hides from --strict the warnings that it counts
    done = subprocess.run(
        [HERE / "mkdocs", "build", "--strict", "--config-file", ROOT / "mkdocs.yml", "--site-dir", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_there(site):
    pages = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")}
    assert pages <= {page.relative_to(site) for page in site.rglob("*.html")}
    assert not list(site.glob("*.py"))


def test_nothing_is_asked_of_elsewhere_and_all_that_is_asked_is_there(site):
    asked = set()
    for page in site.rglob("*.html"):
        if page.name == "404.html":  # its addresses are from the server's root
            continue
        for address in html.parse(page).xpath(ASKED):
            assert not re.match(r"(\w+:)?//", address), f"{page.name}: {address}"
            asked.add((page.parent / address).resolve())
    assert len(asked) > 5
    assert not {path for path in asked if not path.is_file()}
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import\s*)[\"']?(https?:)?//", style.read_text("utf-8")), style.name


def test_a_page_is_in_its_language(site):
    for page, language in (("index", "en"), ("views", "en"), ("fr/index", "fr"), ("project/readme", "en")):
        assert html.parse(site / f"{page}.html").getroot().get("lang") == language, page


def test_pages_outside_docs_are_in_the_site_and_link_within_it(site):
    links = set(html.parse(site / "project" / "readme.html").xpath("//article//a/@href"))
    assert {"../views.html", "../fr/tutoriel.html", "contributing.html"} <= links
    assert "project/readme.html" in html.parse(site / "index.html").xpath("//article//a/@href")


@pytest.mark.parametrize("page", ["tutorial.md", "fr/tutoriel.md", "fr/lire.md"])
def test_python_runs_as_pasted_and_plots(page, sampled, tmp_path):
    (tmp_path / "data").symlink_to(sampled.parent)
    text = (ROOT / "docs" / page).read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path / "matplotlib")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    for picture in re.findall(r"!\[.*\]\((.*?)\)", text):
        assert size(tmp_path / picture) == size((ROOT / "docs" / page).parent / picture)


def size(picture: Path) -> bytes:
    """Width and height, as a PNG has them."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return head[16:]
