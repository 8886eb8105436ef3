"""One version, wherever it is written."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_image_has_the_version_of_the_package():
    assert re.findall(r"image: anq:(\S+)", (ROOT / "docker-compose.yml").read_text()) == [VERSION]


def test_the_changelog_begins_with_what_is_to_come_then_this_version():
    unreleased, *released = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert unreleased == "Unreleased"
    if released:  # none yet before the first
        assert re.fullmatch(rf"{re.escape(VERSION)}, \d{{4}}-\d\d-\d\d", released[0])
