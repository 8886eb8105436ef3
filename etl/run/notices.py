"""What a person is to know of a run and of the home: each with since when, how many, and what to do."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from etl.catalogue import archive
from etl.errors import GateError
from etl.lake import decisions, markers
from etl.lake.freshness import late
from etl.report import moment, run_page
from etl.run.context import Run
from etl.run.policy import Failure
from etl.settings import MAX_AGE_DAYS, Settings
from etl.warehouse import release as releases

Kind = Literal["failed", "not finished", "held back", "nothing new", "no issue", "accepted"]

_EXAMPLES = 200  # characters


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person is to know.

    Attributes:
        kind: of what.
        name: what it is about: 17/QE, a step, a DAG.
        text: what, since when, how many, and what to do.
    """

    kind: Kind
    name: str
    text: str


def failed(failures: Sequence[Failure], held_back: Sequence[Mapping[str, Any]]) -> Iterator[Notice]:
    """A notice for each failure; what is held back has its own."""
    held = tuple(f"{one['archive']}: held back" for one in held_back)
    for failure in {one.name: one for one in failures}.values():
        if failure.exit_code != GateError.exit_code or not any(one in failure.message for one in held):
            yield Notice(kind="failed", name=failure.name, text=text_of(failure))


def text_of(failed: Failure) -> str:
    """A failure, with where to read on."""
    message = failed.message if failed.message.startswith(failed.name) else f"{failed.name}: {failed.message}"
    return f"{message}\n(failure {failed.exit_code}: docs/operators.md says what to do)"


def standing(settings: Settings, now: datetime) -> Iterator[Notice]:
    """What holds whatever this run looked at."""
    held_back = decisions.all_held_back(settings.lake)
    for held in held_back:
        lines = [f"{held.archive}: held back since {moment(held.held_since)}; it stays as it last was. It breaks"]
        for rule in held.rules:
            such_as = f", such as {rule.examples[:_EXAMPLES]}" if rule.examples else ""
            rows = "the rule itself failed" if rule.failing_rows is None else f"{rule.failing_rows:,} row(s)"
            lines.append(f"  {rule.rule}: {rows}{such_as}")
        lines.append("Mend its reading or the rule; or, if the source is right, let it in:")
        lines += [f"  {_anq(settings)} accept {held.archive} {rule.rule} --why '…'" for rule in held.rules]
        yield Notice(kind="held back", name=held.archive, text="\n".join(lines))
    waiting = {held.archive for held in held_back}
    for decision in decisions.all_acceptances(settings.lake):
        if decision.archive not in waiting:  # it was used
            until = f"until {decision.until_day}" if decision.until_day else "for its bytes as they are"
            how = "set aside" if decision.set_aside else "let in"
            rows = "all rows" if decision.failing_rows is None else f"{decision.failing_rows:,} row(s)"
            text = (
                f"{decision.archive}: {rows} that break {decision.rule} were {how}, {until}: "
                f"{decision.accepted_by} decided so on {moment(decision.accepted_at)}. Why: {decision.why}"
            )
            yield Notice(kind="accepted", name=f"{decision.archive} {decision.rule}", text=text)
    for line in late(settings, now.date()):
        more = "In the weeks of an election there may be none. This is said once."
        yield Notice(kind="no issue", name=line.partition(" is not there")[0], text=f"{line}. {more}")
    current = releases.current(settings.warehouse)
    live = any(
        not archive(*partition.key).frozen and not partition.sample for partition in markers.partitions(settings.lake)
    )
    fetched = releases.fetched_at(settings.lake, current) if current and live else now
    if now - fetched > timedelta(days=MAX_AGE_DAYS):
        text = (
            f"Nothing new since {moment(fetched)}, {(now - fetched).days} days ago, and {MAX_AGE_DAYS} days are too "
            f"many: the source has something most nights. Look at the site, and at the last runs."
        )
        yield Notice(kind="nothing new", name="questions", text=text)


def about(run: Run, summary: Mapping[str, Any]) -> str:
    """The end of a message: the run, what it released, and what shows more."""
    questions = next((row for row in summary.get("by_table", ()) if row["table"] == "questions"), None)
    change = "" if questions is None or questions["delta"] is None else f" ({questions['delta']:+,})"
    released = (
        f"Released {summary['release']}: {summary['rows']['questions']:,} questions{change}, "
        f"{summary['changed']:,} records new or changed, {summary['quarantined']:,} set aside."
        if summary["release"]
        else "No release was made; what was published before still is."
    )
    page = run_page(run.settings, run.id)
    more = [str(page.absolute())] if page.exists() else []
    return "\n".join([f"{where(run)}: {summary['state']}. {released}", more_in(run.settings), *more])


def where(run: Run) -> str:
    """Which run it is, and of which source and machine."""
    return f"Run {run.id}, from {run.settings.source}, on {socket.gethostname()}"


def more_in(settings: Settings) -> str:
    """The command that shows more."""
    return f"More: {_anq(settings)} status"


def _anq(settings: Settings) -> str:
    return f"anq --home {shlex.quote(str(settings.home.absolute()))}"
