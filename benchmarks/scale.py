"""`python -m benchmarks.scale N=10000,30000,100000`: what a first load and a night cost, by the number of questions."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Cost
from benchmarks.rehearsal import megabytes
from benchmarks.run import ANQ_RUN, CHANGED, ROOT, replace_what_differs
from etl.sample import write_sample

SIZES = "10000,30000,100000"
HEAD = (
    "| questions | what | s | CPU s | peak MB | raw MB | lake MB | release MB | written a night MB |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Prints a row for each size and morning, then what 100,000 questions more cost between the two largest sizes."""
    sizes = [int(size) for size in dict(argument.split("=") for argument in sys.argv[1:]).get("N", SIZES).split(",")]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start\n{HEAD}", flush=True)
    os.chdir(ROOT)
    first_loads = []
    for questions in sizes:
        with tempfile.TemporaryDirectory(prefix="anq-scale-") as folder:
            for name, cost, row in _mornings(Path(folder), questions):
                print(row, flush=True)
                if name == "first load":
                    first_loads.append(cost)
    if len(sizes) > 1:
        hundreds = (sizes[-1] - sizes[-2]) / 100_000
        more = (first_loads[-1].processor - first_loads[-2].processor) / hundreds
        print(f"100,000 questions more: {more:.1f} CPU s of a first load")


def _mornings(folder: Path, questions: int) -> Iterator[tuple[str, Cost, str]]:
    """The first load, one with nothing new, and one with CHANGED questions: name, cost, a row of the table."""
    site, home = folder / "site", folder / "home"
    write_sample(site, questions=questions, seed=1)
    written = [megabytes(home / part) for part in ("raw", "lake")]
    for name in ("first load", "nothing new", f"{CHANGED} changed"):
        if name.endswith("changed"):
            write_sample(folder / "tomorrow", questions=questions, seed=1, changes=CHANGED)
            replace_what_differs(site, folder / "tomorrow")
        cost = ANQ_RUN.run(site, home)
        release = (home / ANQ_RUN.database).stat().st_size / 1e6
        sizes = [megabytes(home / part) for part in ("raw", "lake")]
        more = sum(sizes) - sum(written) + (0 if name == "nothing new" else release)
        written = sizes
        sizes_and_more = " | ".join(f"{figure:,.1f}" for figure in (*sizes, release, more))
        costs = f"{cost.seconds:,.1f} | {cost.processor:,.1f} | {cost.peak / 1e6:,.0f}"
        yield name, cost, f"| {questions:,} | {name} | {costs} | {sizes_and_more} |"


if __name__ == "__main__":
    main()
