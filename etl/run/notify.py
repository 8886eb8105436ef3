"""Who is told of what failed, waits, is missing or was decided: once, again after a day, and when it is mended."""

from __future__ import annotations

import logging
import re
import shlex
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from etl.catalogue import archive
from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.files.aside import write_aside
from etl.files.lock import locked
from etl.lake import decisions, markers
from etl.lake.freshness import late
from etl.report import run_page
from etl.run import policy
from etl.run.context import Run
from etl.run.policy import Failure
from etl.settings import MAX_AGE_DAYS, Settings
from etl.warehouse import release as releases

Kind = Literal["failed", "not finished", "held back", "nothing new", "no issue", "accepted"]

_OF_A_RUN = frozenset({"failed", "not finished"})  # only a run that looked at it again knows whether it is mended
_ONCE = frozenset({"no issue", "accepted"})
_A_DAY = timedelta(hours=20)  # a morning's run may begin earlier than yesterday's
_EXAMPLES = 200  # characters
_PING_S = 10.0
_SECRET = 4  # characters that a part of an address has at least, to be struck out


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


class _Known(msgspec.Struct, kw_only=True):
    """A notice as it is remembered.

    Attributes:
        kind: of what.
        name: what it is about.
        since: when it was first to be told.
        told_at: when it last was; None when no address took it yet.
    """

    kind: Kind
    name: str
    since: datetime
    told_at: datetime | None = None


class _Memory(msgspec.Struct, kw_only=True):
    """What was told, `told.json` in the home.

    Attributes:
        run_id: the last run that came to its end.
        known: what holds.
    """

    run_id: str | None = None
    known: list[_Known] = []


def end(
    run: Run,
    summary: Mapping[str, Any],
    failures: Sequence[Failure],
    good: Collection[str],
    addresses: str | None = None,
) -> None:
    """Tells of a run at its end, and calls ANQ_PING when all of it went well. A fault of this is said, and is no error.

    Args:
        run: the run.
        summary: of it, by `etl.run.summary.summarise`.
        failures: what failed.
        good: what went well: names that a failure would have.
        addresses: whom to tell where ANQ_NOTIFY does not say.
    """
    notices = [*_failed(failures, summary["held_back"]), *_standing(run.settings, run.now)]
    known = {(notice.kind, notice.name) for notice in notices}

    def is_over(one: _Known) -> bool:
        return (one.kind, one.name) not in known and (one.kind not in _OF_A_RUN or one.name in good)

    _tell(run, notices, is_over, _about(run, summary), addresses, ended=True)
    if run.settings.ping and not failures:
        _ping(run, run.settings.ping)


def tell(run: Run, notice: Notice, addresses: str | None = None) -> None:
    """Tells of a run that does not come to its end. A fault of this is said, and is no error.

    Args:
        run: the run.
        notice: what befell it.
        addresses: whom to tell where ANQ_NOTIFY does not say.
    """
    _tell(run, [notice], lambda _: False, f"{_where(run)}.\n{_more(run.settings)}", addresses, ended=False)


@contextmanager
def errors_told(run: Run) -> Iterator[None]:
    """Around a run: an error that ends it is told."""
    try:
        yield
    except Exception as error:
        tell(run, Notice(kind="failed", name="run", text=_text(policy.failure("run", error))))
        raise


def has_ended(settings: Settings, run_id: str) -> bool:
    """Whether the end of a run was told of; only the last one to end is known."""
    return _remembered(_path(settings)).run_id == run_id


def test(settings: Settings) -> int:
    """Sends a message to each address, to see whether it arrives.

    Returns:
        How many took it.

    Raises:
        UsageError: there is none.
        AnqError: one did not take it.
    """
    if settings.notify is None:
        raise UsageError("nobody is told: set ANQ_NOTIFY, docs/operators.md shows how")
    where = f"A test, from {socket.gethostname()}, home {settings.home.absolute()}."
    taken, faults = _send(settings.notify, "anq: a test", where)
    if faults:
        raise AnqError("; ".join(faults))
    return taken


def _failed(failures: Sequence[Failure], held_back: Sequence[Mapping[str, Any]]) -> Iterator[Notice]:
    """A notice for each failure; what is held back has its own."""
    held = tuple(f"{one['archive']}: held back" for one in held_back)
    for failed in {one.name: one for one in failures}.values():
        if failed.exit_code != GateError.exit_code or not any(one in failed.message for one in held):
            yield Notice(kind="failed", name=failed.name, text=_text(failed))


def _text(failed: Failure) -> str:
    message = failed.message if failed.message.startswith(failed.name) else f"{failed.name}: {failed.message}"
    return f"{message}\n(failure {failed.exit_code}: docs/operators.md says what to do)"


def _standing(settings: Settings, now: datetime) -> Iterator[Notice]:
    """What holds whatever this run looked at."""
    held_back = decisions.all_held_back(settings.lake)
    for held in held_back:
        lines = [f"{held.archive}: held back since {_moment(held.held_since)}; it stays as it last was. It breaks"]
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
                f"{decision.accepted_by} decided so on {_moment(decision.accepted_at)}. Why: {decision.why}"
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
            f"Nothing new since {_moment(fetched)}, {(now - fetched).days} days ago, and {MAX_AGE_DAYS} days are too "
            f"many: the source has something most nights. Look at the site, and at the last runs."
        )
        yield Notice(kind="nothing new", name="questions", text=text)


def _about(run: Run, summary: Mapping[str, Any]) -> str:
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
    return "\n".join([f"{_where(run)}: {summary['state']}. {released}", _more(run.settings), *more])


def _where(run: Run) -> str:
    return f"Run {run.id}, from {run.settings.source}, on {socket.gethostname()}"


def _more(settings: Settings) -> str:
    return f"More: {_anq(settings)} status"


def _anq(settings: Settings) -> str:
    return f"anq --home {shlex.quote(str(settings.home.absolute()))}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _tell(
    run: Run,
    notices: Sequence[Notice],
    is_over: Callable[[_Known], bool],
    about: str,
    addresses: str | None,
    *,
    ended: bool,
) -> None:
    """Sends what is to be told now, in one message, and remembers it."""
    addresses = run.settings.notify or addresses
    if addresses is None:
        return
    path = _path(run.settings)
    try:
        with locked(path.with_name(".told.lock")):
            memory = _remembered(path)
            known = {(one.kind, one.name): one for one in memory.known}
            for notice in notices:
                known.setdefault((notice.kind, notice.name), _Known(kind=notice.kind, name=notice.name, since=run.now))
            due = [notice for notice in notices if _is_due(known[notice.kind, notice.name], run.now)]
            over = [one for one in known.values() if is_over(one)]
            mended = [one for one in over if one.told_at and one.kind != "accepted"]
            if due or mended:
                taken, faults = _send(addresses, *_message(due, mended, known, about))
                again = "" if taken else ", the next run does again"
                for fault in faults:
                    run.say(f"{fault}; `anq notify` tries it{again}")
            if not (due or mended) or taken:
                for notice in due:
                    known[notice.kind, notice.name].told_at = run.now
                for one in over:
                    del known[one.kind, one.name]
            memory.known, memory.run_id = list(known.values()), run.id if ended else memory.run_id
            write_aside(path, msgspec.json.format(msgspec.json.encode(memory)))
    except OSError as error:
        run.say(f"nobody could be told: {error}")


def _is_due(one: _Known, now: datetime) -> bool:
    return one.told_at is None or (one.kind not in _ONCE and now - one.told_at >= _A_DAY)


def _message(
    due: Sequence[Notice], mended: Sequence[_Known], known: Mapping[tuple[Kind, str], _Known], about: str
) -> tuple[str, str]:
    """Title and text."""
    names: dict[str, list[str]] = {}
    for kind, name in [*((one.kind, one.name) for one in due), *(("mended", one.name) for one in mended)]:
        names.setdefault(kind, []).append(name)
    parts = []
    for notice in due:
        before = known[notice.kind, notice.name]
        parts.append(f"Still, since {_moment(before.since)}: {notice.text}" if before.told_at else notice.text)
    parts += [f"Mended: {one.name}, {one.kind} since {_moment(one.since)}, is well again." for one in mended]
    title = "; ".join(f"{kind} {', '.join(which)}" for kind, which in names.items())
    return f"anq: {title}", "\n\n".join([*parts, about])


def _path(settings: Settings) -> Path:
    return settings.home / "told.json"


def _remembered(path: Path) -> _Memory:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except (FileNotFoundError, msgspec.DecodeError):  # what it said is told once more
        return _Memory()


def _send(addresses: str, title: str, text: str) -> tuple[int, list[str]]:
    """Sends a message.

    Returns:
        How many addresses took it, and why others did not, without anything that is part of an address.
    """
    from apprise import Apprise

    with _unheard("apprise", "urllib3"):
        known = Apprise()
        are_known = known.add(addresses)
        results = list(known.notify(text, title, body_format="text"))
    faults = [] if are_known else ["ANQ_NOTIFY: an address is none that apprise knows; docs/operators.md shows some"]
    for result in results:
        if not result:
            why = " ".join(entry.message for entry in result.logs()) or "it gave no reason"
            faults.append(f"ANQ_NOTIFY: {result.name} did not take the message: {_without(addresses, why)}".rstrip("."))
    return sum(map(bool, results)), faults


@contextmanager
def _unheard(*libraries: str) -> Iterator[None]:
    """While it lasts, what libraries log goes nowhere: it names addresses."""
    loggers, nowhere = [logging.getLogger(name) for name in libraries], logging.NullHandler()
    for logger in loggers:
        logger.addHandler(nowhere)  # without any, Python prints warnings
        logger.propagate = False
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(nowhere)
            logger.propagate = True


def _without(secret: str, text: str) -> str:
    """A text in which no part of an address is left."""
    parts = {*re.split(r"\W+", secret), *re.split(r"[\s/:@?&=,]+", secret)}
    for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
        if len(part) >= _SECRET:
            text = text.replace(part, "…")
    return text


def _ping(run: Run, url: str) -> None:
    """Calls the address that waits for a good run."""
    from etl.fetch import http

    parts = urlsplit(url)
    site = http.Site(f"{parts.scheme}://{parts.netloc}")
    path = url.removeprefix(site.base).removeprefix("/")

    def attempt() -> None:
        with site.ask(path, "its address", within_s=_PING_S) as response:
            if not response.is_success:
                raise http.refusal(response, "its address", run.now)

    try:
        with _unheard("httpx", "httpcore"):
            http.patiently(attempt, "it", "look at the address")
    except SourceError as error:
        run.say(f"ANQ_PING: {_without(url, str(error))}")
