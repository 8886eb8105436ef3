"""`python -m benchmarks.rehearsal N=20000`: the first morning on a site like the Assembly's, and those that follow it.

N=204775 are the real sizes: 104,143 questions in one document, some 390 MB of zips. Prints for each morning its
minutes, memory, exit code, what was released and what was odd, and the disk that the home takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from benchmarks.assembly import Assembly, assembly
from benchmarks.measure import Cost, measure
from benchmarks.mornings import Mornings
from benchmarks.run import ANQ
from etl.sample import write_sample

NIGHTS = 7
CHANGES = 250  # records a night, of which a tenth are new
CODES = range(5)  # any outcome is one to look at
HEAD = (
    f"{'':<20}{'min':>8}{'CPU min':>10}{'peak MB':>9}{'exit':>6}{'questions':>11}{'anomalies':>11}{'aside':>7}"
    f"{'raw MB':>8}{'lake MB':>9}{'releases MB':>13}{'faults':>8}"
)


def main() -> None:
    """Prints the rehearsal, morning by morning."""
    questions = int(dict(argument.split("=") for argument in sys.argv[1:]).get("N", 20_000))
    with tempfile.TemporaryDirectory(prefix="anq-rehearsal-") as name:
        folder = Path(name)
        write_sample(folder / "site", questions=questions, seed=1)
        mornings = Mornings(folder / "site", questions)
        mornings.known_defects()
        mornings.one_in_xml()
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start; {questions:,} questions, ", end=""
        )
        print(f"{megabytes(folder / 'site'):,.0f} MB of archives\n{HEAD}", flush=True)
        with assembly(folder / "site") as site:
            rehearse(site, mornings, folder)
        _print_anomalies(folder / "home/warehouse/current.duckdb")


def rehearse(site: Assembly, mornings: Mornings, folder: Path) -> None:
    """Runs `anq` on one morning after the other, and prints a line for each."""
    command = (ANQ, "--home", str(folder / "home"), "--source", site.url)
    if subprocess.run((*command, "try", "--help"), capture_output=True, check=False).returncode == 0:
        _print_line("try", measure((*command, "try"), folder / "log.txt", CODES), site, folder / "home")
    for morning, change in _mornings(mornings):
        change()
        cost = measure((*command, "run"), folder / "log.txt", CODES)
        _print_line(morning, cost, site, folder / "home")
        if cost.code:
            print(_last_words(folder / "log.txt"), flush=True)


def _mornings(mornings: Mornings) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "first run", lambda: None
    yield "nothing new", lambda: None
    for night in range(1, NIGHTS + 1):
        yield f"night {night}", lambda: mornings.night(CHANGES)
    yield "a new government", mornings.new_government
    yield "a dissolution", mornings.dissolution
    yield "the next legislature", lambda: mornings.next_legislature(max(50, mornings.questions // 400))
    yield "the morning after", lambda: None  # it is asked for once a run: a fault on that request puts it off by a day


def _print_line(morning: str, cost: Cost, site: Assembly, home: Path) -> None:
    release, sizes = (
        home / "warehouse/current.duckdb",
        [megabytes(home / part) for part in ("raw", "lake", "warehouse")],
    )
    counts = [_count(release, table) for table in ("questions", "ops.anomalies", "ops.quarantine")]
    print(
        f"{morning:<20}{cost.seconds / 60:>8.2f}{cost.processor / 60:>10.2f}{cost.peak / 1e6:>9,.0f}{cost.code:>6}"
        f"{counts[0]:>11,}{counts[1]:>11,}{counts[2]:>7,}"
        f"{sizes[0]:>8,.0f}{sizes[1]:>9,.0f}{sizes[2]:>13,.0f}{sum(site.faults.values()):>8}",
        flush=True,
    )


def _count(release: Path, table: str) -> int:
    if not release.exists():
        return 0
    with duckdb.connect(str(release), read_only=True) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _print_anomalies(release: Path) -> None:
    """The anomalies of the last release by kind."""
    print("\nanomalies of the last release")
    with duckdb.connect(str(release), read_only=True) as connection:
        rows = connection.execute(
            "SELECT level, kind, what, count(*) AS rows FROM ops.anomalies GROUP BY ALL ORDER BY level, rows DESC"
        ).fetchall()
    for level, kind, what, count in rows:
        print(f"{count:>9,}  {level:<9}{kind}: {what}")


def _last_words(log: Path) -> str:
    return "".join(f"    {line}\n" for line in log.read_text(errors="replace").splitlines()[-8:])


def megabytes(folder: Path) -> float:
    """What the files in a folder take."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


if __name__ == "__main__":
    main()
