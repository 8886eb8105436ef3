"""The wheel holds all that the work needs: installed where there is no checkout, it runs."""

import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.e2e.driver import keep_last

ROOT = Path(__file__).parents[1]


def run(*command, cwd):
    """What a command prints; no variable of the environment tells it where things are."""
    plain = {"PATH": "/usr/bin:/bin", "HOME": str(cwd)}
    done = subprocess.run(command, cwd=cwd, env=plain, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def anq(wheel, tmp_path_factory):
    """`anq` as the wheel installs it, beside the packages that it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    packages = next(folder.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # a folder that a .pth file adds has its own .pth files left unread: the checkout stays unknown
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    def call(*arguments):
        return run(folder / "bin" / "python", "-c", "from etl.cli import main; main()", *arguments, cwd=folder)

    return call


def test_every_file_is_in_it(wheel):
    homes = {"etl": "etl", "schemas": "etl/declared/schemas", "expectations": "etl/declared/expectations"}
    wanted = {
        f"{home}/{path.relative_to(ROOT / folder)}"
        for folder, home in homes.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_it_runs_on_the_sample(anq, tmp_path):
    anq("sample", tmp_path / "site", "--questions", "300")
    keep_last(tmp_path / "site")
    home = ("--home", tmp_path / "home")
    anq(*home, "--source", tmp_path / "site", "run")
    counts = "SELECT (SELECT count(*) FROM questions), (SELECT count(DISTINCT expectation) FROM ops.checks)"
    questions, rules = map(int, anq(*home, "sql", "--format", "csv", counts).split()[-1].split(","))
    assert questions > 30
    assert rules > 50
    assert re.search(r"^  1  1\d Q\w+ \d+ ", anq(*home, "search", "ministre"))
    assert list((tmp_path / "home" / "reports" / "runs").glob("*.html"))
