"""Prints what `anq status` shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.lake import decisions, ledger
from etl.lake.freshness import late
from etl.report import data_docs, moment, run_page
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse.query import connect

ROWS = """
    SELECT legislature, question_type, count(*), count(*) FILTER (status = 'answered'),
           count(*) FILTER (status = 'pending'), count(*) FILTER (absent_since IS NOT NULL),
           max(question_date), max(answer_date)
    FROM questions GROUP BY ALL ORDER BY ALL
"""
ODD = "SELECT kind, level, what, count(*), any_value(value) FROM ops.anomalies GROUP BY ALL ORDER BY 4 DESC, 1, 3"
ASIDE = "SELECT rule, count(*), any_value(member), any_value(error) FROM ops.quarantine GROUP BY ALL ORDER BY 2 DESC, 1"
_LOOK = "look at the last runs"
_SKEW = timedelta(days=1)  # more than the clocks of two machines differ


def faults(settings: Settings, now: datetime, max_age: timedelta) -> list[AnqError]:
    """What is wrong with the data: SourceError of old, made-up or future ones, GateError where one is held back.

    Args:
        settings: the home.
        now: the moment at which data are old, or not.
        max_age: they are old when they are older.

    Raises:
        UsageError: there is no release yet.
    """
    release = releases.current(settings.warehouse)
    if release is None:
        raise UsageError(f"there is no release in {settings.warehouse} yet; `anq run` makes one")
    found: list[AnqError] = []
    fetched = releases.fetched_at(settings.lake, release)
    if now - fetched > max_age:
        found.append(SourceError(f"old: nothing new for {_days(now - fetched)}, since {moment(fetched)}; {_LOOK}"))
    if fetched - now > _SKEW:
        found.append(
            SourceError(
                f"of no known age: the newest archive is dated {moment(fetched)}, which is yet to come: a clock is "
                "wrong or was. Look at this machine's clock, and at the last runs"
            )
        )
    asked = {run["source"] for run in _last(settings).get("ops.runs", [])}
    if release.sample and not asked <= {"sample"}:
        found.append(SourceError(f"made up: it is the sample still, {asked.pop()} has brought nothing; {_LOOK}"))
    return found + [GateError(f"held back: {_held(one)}") for one in decisions.all_held_back(settings.lake)]


def show(settings: Settings, now: datetime, max_age: timedelta) -> None:
    """Prints how old the data are, the current release, its rows, the last run, anomalies and quarantine by kind.

    Args:
        settings: the home.
        now: the moment at which data are old and an archive is late, or not.
        max_age: they are old when they are older.

    Raises:
        UsageError: there is no release yet.
    """
    console = Console()
    release = releases.current(settings.warehouse)  # and not whatever a load swaps in meanwhile
    with connect(settings.warehouse, release) as connection:
        assert release is not None
        fetched = releases.fetched_at(settings.lake, release)
        colour = "yellow" if now - fetched > max_age else "default"
        age = _days(now - fetched)
        console.print(f"freshness [{colour}]{age}[/{colour}]: newest archive fetched {moment(fetched)}")
        console.print(f"release   [bold]{release.name}[/bold], made {moment(release.created_at)} by {release.run_id}")
        console.print(f"file      {releases.current_path(settings.warehouse)}", soft_wrap=True)
        for line in late(settings, now.date()):
            console.print(f"[yellow]late[/yellow]      {line}", soft_wrap=True)
        _decisions(console, settings)
        _last_run(console, settings)
        _reports(console, settings)
        _table(
            console,
            "questions",
            ("leg.", "type", "questions", "answered", "pending", "absent", "last asked", "last answer"),
            connection.execute(ROWS).fetchall(),
        )
        _table(
            console,
            "anomalies",
            ("kind", "level", "what", "count", "such as"),
            connection.execute(ODD).fetchall(),
        )
        _table(console, "quarantine", ("rule", "count", "such as", "why"), connection.execute(ASIDE).fetchall())
        _stale(console, settings, release)


def _decisions(console: Console, settings: Settings) -> None:
    """What is held back, and what was let in."""
    for held in decisions.all_held_back(settings.lake):
        console.print(f"[red]held back[/red] {_held(held)}", soft_wrap=True)
    for decision in decisions.all_acceptances(settings.lake):
        until = f"until {decision.until_day}" if decision.until_day else "for its bytes"
        what = f"{decision.archive} {decision.rule} ({_rows(decision.failing_rows)}) {until}"
        console.print(f"accepted  {what}, by {decision.accepted_by}: {decision.why}", markup=False, soft_wrap=True)


def _held(held: decisions.HeldBack) -> str:
    rules = ", ".join(f"{rule.rule} ({_rows(rule.failing_rows)})" for rule in held.rules)
    return f"{held.archive} since {moment(held.held_since)}, by {rules}"


def _days(age: timedelta) -> str:
    return f"{age.days} day{'' if age.days == 1 else 's'}"


def _rows(count: int | None) -> str:
    return "the rule itself failed" if count is None else f"{count:,} row{'' if count == 1 else 's'}"


def _last(settings: Settings) -> ledger.Rows:
    """What the ledger has of the last run."""
    return ledger.read(settings.lake, ledger.runs(settings.lake)[-1:])


def _last_run(console: Console, settings: Settings) -> None:
    last = _last(settings)
    for run in last.get("ops.runs", []):
        seconds = f", {run['seconds']:.1f} s" if run["seconds"] is not None else ""
        console.print(
            f"last run  {run['run_id']}: {run['state']}{seconds}, from {run['source']}",
            soft_wrap=True,
        )
    for row in last.get("ops.outcomes", []):
        if row["state"] == "failed":
            console.print(f"[red]failed[/red]    {row['message']}", soft_wrap=True)


def _reports(console: Console, settings: Settings) -> None:
    for run in ledger.runs(settings.lake)[-1:]:
        for name, page in (("report", run_page(settings, run)), ("data docs", data_docs(settings))):
            if page.exists():
                console.print(f"{name:<9} {page}", soft_wrap=True)


def _stale(console: Console, settings: Settings, release: releases.Release) -> None:
    if releases.digest(settings.lake) != release.sha256:
        console.print(
            "[yellow]The lake is ahead of this release[/yellow]: after a rollback, or a stopped run; see above."
        )


def _table(console: Console, title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        console.print(f"{title}: none")
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(
            *("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)[:80] for cell in row)
        )
    console.print(table)
