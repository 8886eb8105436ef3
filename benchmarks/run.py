"""`python -m benchmarks.run N=100000`: anq and its peers on the same archives, in one run."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, measure
from etl.sample import write_sample

ROOT = Path(__file__).resolve().parents[1]
ANQ = str(Path(sys.executable).with_name("anq"))
REAL_WORDS = ROOT.parent / "shared" / "tools" / "real_words.py"  # SITE OUT: a site with sentences of real debates
PEER = str(ROOT / ".venv-bench" / "bin" / "python")
CHANGED = 500
SCENARIOS = ("first load", "nothing new", f"{CHANGED} changed")


@dataclass(frozen=True)
class Contestant:
    """A way from the archives to the table.

    Attributes:
        name: what the report calls it.
        command: what runs it; SITE and HOME stand for the two folders.
        database: the file with its tables, below its home.
    """

    name: str
    command: tuple[str, ...]
    database: str = "peer.duckdb"

    def run(self, site: Path, home: Path) -> Cost:
        """Brings its tables up to date."""
        home.mkdir(parents=True, exist_ok=True)
        places = {"SITE": str(site), "HOME": str(home)}
        return measure([places.get(word, word) for word in self.command], home / "log.txt")

    def rows(self, home: Path) -> int:
        """Questions in its table."""
        with duckdb.connect(str(home / self.database), read_only=True) as connection:
            return int(connection.execute("SELECT count(*) FROM questions").fetchall()[0][0])


FLOOR = Contestant("the floor", (sys.executable, "-m", "benchmarks.floor", "SITE", "HOME"))  # a first load only
ANQ_RUN = Contestant("anq", (ANQ, "--home", "HOME", "--source", "SITE", "run"), "warehouse/current.duckdb")
CONTESTANTS = (
    ANQ_RUN,
    FLOOR,
    Contestant("parts for the same", (PEER, "-m", "benchmarks.with_parts", "SITE", "HOME")),
    Contestant("dlt, Arrow tables", (PEER, "-m", "benchmarks.with_dlt", "arrow", "SITE", "HOME")),
    Contestant("dlt, dicts", (PEER, "-m", "benchmarks.with_dlt", "plain", "SITE", "HOME")),
    Contestant("pandas", (PEER, "-m", "benchmarks.with_pandas", "SITE", "HOME")),
)


def main() -> None:
    """Prints the comparison."""
    questions = int(dict(argument.split("=") for argument in sys.argv[1:]).get("N", 100_000))
    with tempfile.TemporaryDirectory(prefix="anq-bench-") as folder:
        os.chdir(ROOT)
        _warm_up(Path(folder) / "warm")
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
        _compare(Path(folder), questions)


def _warm_up(folder: Path) -> None:
    """Runs each once, so that none pays for compiling its modules or reading them from disk."""
    write_sample(folder / "site", questions=300)
    for contestant in CONTESTANTS:
        contestant.run(folder / "site", folder / contestant.name)
    shutil.rmtree(folder)


def _compare(folder: Path, questions: int) -> None:
    """On the sample; and a first load of the same questions with real words, where these are."""
    site = folder / "site"
    write_sample(site, questions=questions, seed=1)
    write_sample(folder / "tomorrow", questions=questions, seed=1, changes=CHANGED)
    if REAL_WORDS.exists():
        real = folder / "real"
        subprocess.run([sys.executable, REAL_WORDS, site, real], stdout=subprocess.DEVNULL, check=True)
        _contest(folder / "of real words", real, questions, SCENARIOS[:1])
        shutil.rmtree(real)
    _contest(folder / "of the sample", site, questions, SCENARIOS)


def _contest(folder: Path, site: Path, questions: int, scenarios: Sequence[str]) -> None:
    """Each contestant on a site, in homes of their own."""
    print(f"\n{questions:,} questions {folder.name}, {_size(site)}\n")
    for scenario in scenarios:
        if scenario == SCENARIOS[-1]:
            replace_what_differs(site, site.with_name("tomorrow"))
        costs = {}
        for contestant in CONTESTANTS:
            if contestant is FLOOR and scenario != SCENARIOS[0]:
                continue
            home = folder / contestant.name
            costs[contestant.name] = contestant.run(site, home)
            if contestant.rows(home) < 0.99 * questions:
                raise RuntimeError(f"{contestant.name} loaded {contestant.rows(home)} questions of {questions}")
        _print(scenario, questions, costs)
        print(_stages(folder / ANQ_RUN.name, costs[ANQ_RUN.name]), "\n", flush=True)
    shutil.rmtree(folder)


def _size(site: Path) -> str:
    archives = list(site.rglob("*.zip"))
    stored = sum(path.stat().st_size for path in archives)
    inflated = sum(info.file_size for path in archives for info in zipfile.ZipFile(path).infolist())
    return f"{len(archives)} archives, {stored / 1e6:.0f} MB that inflate to {inflated / 1e6:.0f} MB"


def replace_what_differs(site: Path, tomorrow: Path) -> None:
    """Puts the next morning's archives in place of those that differ; the others keep their time, as a server does."""
    for path in tomorrow.rglob("*.zip"):
        today = site / path.relative_to(tomorrow)
        if not filecmp.cmp(path, today, shallow=False):
            path.replace(today)


def _print(scenario: str, questions: int, costs: dict[str, Cost]) -> None:
    anq = costs[ANQ_RUN.name]
    print(f"{scenario:<20} seconds    rows/s   CPU s  peak MB  time/anq  memory/anq")
    for name, cost in costs.items():
        rate, times, sizes = questions / cost.seconds, cost.seconds / anq.seconds, cost.peak / anq.peak
        print(
            f"{name:<20}{cost.seconds:>8.2f}{rate:>10,.0f}{cost.processor:>8.1f}{cost.peak / 1e6:>9,.0f}"
            f"{times:>10.1f}{sizes:>12.1f}"
        )


def _stages(home: Path, cost: Cost) -> str:
    """Where anq's time went, by its own summary of the run."""
    summary = json.loads(max((home / "reports" / "runs").glob("*.json")).read_text())
    stages = {step: sum(_steps(summary, step)) for step in ("fetch", "parse", "check")}
    stages["load and release"] = max(0.0, summary["seconds"] - sum(stages.values()))
    stages["start and end"] = cost.seconds - summary["seconds"]
    return "anq: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items())


def _steps(summary: dict[str, list[dict[str, object]]], step: str) -> Iterator[float]:
    """Each archive's seconds of a step."""
    for row in summary["archives"]:
        if row["step"] == step:
            yield float(str(row["seconds"]))


if __name__ == "__main__":
    main()
