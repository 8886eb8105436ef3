"""Who is told of what failed, waits, is missing or was decided: once, again after a day, and when it is mended."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from etl.errors import AnqError, UsageError
from etl.files.aside import write_aside
from etl.files.lock import locked
from etl.report import moment
from etl.run import notices, policy
from etl.run.context import Run
from etl.run.notices import Kind, Notice
from etl.run.policy import Failure
from etl.run.send import ping, send
from etl.settings import Settings

_OF_A_RUN = frozenset({"failed", "not finished"})  # only a run that looked at it again knows whether it is mended
_ONCE = frozenset({"no issue", "accepted"})
_A_DAY = timedelta(hours=20)  # a morning's run may begin earlier than yesterday's


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
    current = [*notices.failed(failures, summary["held_back"]), *notices.standing(run.settings, run.now)]
    known = {(notice.kind, notice.name) for notice in current}

    def is_over(one: _Known) -> bool:
        return (one.kind, one.name) not in known and (one.kind not in _OF_A_RUN or one.name in good)

    _tell(run, current, is_over, notices.about(run, summary), addresses, ended=True)
    if run.settings.ping and not failures and (fault := ping(run.settings.ping, run.now)):
        run.say(fault)


def tell(run: Run, notice: Notice, addresses: str | None = None) -> None:
    """Tells of a run that does not come to its end. A fault of this is said, and is no error.

    Args:
        run: the run.
        notice: what befell it.
        addresses: whom to tell where ANQ_NOTIFY does not say.
    """
    about = f"{notices.where(run)}.\n{notices.more_in(run.settings)}"
    _tell(run, [notice], lambda _: False, about, addresses, ended=False)


@contextmanager
def errors_told(run: Run) -> Iterator[None]:
    """Around a run: an error that ends it is told."""
    try:
        yield
    except Exception as error:
        tell(run, Notice(kind="failed", name="run", text=notices.text_of(policy.failure("run", error))))
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
    taken, faults = send(settings.notify, "anq: a test", where)
    if faults:
        raise AnqError("; ".join(faults))
    return taken


def _tell(
    run: Run,
    current: Sequence[Notice],
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
            for notice in current:
                known.setdefault((notice.kind, notice.name), _Known(kind=notice.kind, name=notice.name, since=run.now))
            due = [notice for notice in current if _is_due(known[notice.kind, notice.name], run.now)]
            over = [one for one in known.values() if is_over(one)]
            mended = [one for one in over if one.told_at and one.kind != "accepted"]
            if due or mended:
                taken, faults = send(addresses, *_message(due, mended, known, about))
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
    except (OSError, AnqError) as error:
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
        parts.append(f"Still, since {moment(before.since)}: {notice.text}" if before.told_at else notice.text)
    parts += [f"Mended: {one.name}, {one.kind} since {moment(one.since)}, is well again." for one in mended]
    title = "; ".join(f"{kind} {', '.join(which)}" for kind, which in names.items())
    return f"anq: {title}", "\n\n".join([*parts, about])


def _path(settings: Settings) -> Path:
    return settings.home / "told.json"


def _remembered(path: Path) -> _Memory:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except (FileNotFoundError, msgspec.DecodeError):  # what it said is told once more
        return _Memory()
