"""What waits, and what a person decided about it: archives held back, and acceptances.

Each is a file beside the markers, `lake/_held_back/17-QE.json` and `lake/_acceptances/17-QE.questions.rule.json`,
written whole and removed when it no longer holds. Every release has them as `ops.held_back` and `ops.acceptances`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from etl.errors import DamageError
from etl.files.aside import write_aside
from etl.files.sealed import seal, unseal
from etl.lake.ledger import file_name

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


class BrokenRule(msgspec.Struct, frozen=True, kw_only=True):
    """A critical rule that an archive breaks.

    Attributes:
        rule: suite and rule, `questions.answer_after_question`.
        failing_rows: how many rows break it; None when the rule itself failed.
        examples: JSON; some of them.
    """

    rule: str
    failing_rows: int | None
    examples: str | None


class HeldBack(msgspec.Struct, frozen=True, kw_only=True):
    """An archive whose new state did not pass its check; its last good state stays.

    Attributes:
        archive: 17/QE, people, or an issue's name.
        held_since: time of the run that first held it back.
        run_id: the run that last did.
        source_sha256: the bytes.
        fetched_at: when they came.
        rules: that they break.
    """

    archive: str
    held_since: datetime
    run_id: str
    source_sha256: str
    fetched_at: datetime
    rules: list[BrokenRule]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Its rows of `ops.held_back`."""
        for rule in self.rules:
            row = {**msgspec.structs.asdict(self), **msgspec.structs.asdict(rule)}
            del row["rules"]
            yield row


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision to let in what a rule would hold back; the columns of `ops.acceptances`.

    Attributes:
        archive: 17/QE, people, or an issue's name.
        rule: suite and rule.
        accepted_at: when it was decided.
        accepted_by: by whom.
        why: the reason.
        source_sha256: the bytes that it is for; None when it is for any until a day.
        until_day: the last day on which it holds; None when it is for bytes.
        set_aside: the failing rows are set aside, whatever their number; else they go in.
        failing_rows: that it let in or set aside when it was last used.
    """

    archive: str
    rule: str
    accepted_at: datetime
    accepted_by: str
    why: str
    source_sha256: str | None
    until_day: date | None
    set_aside: bool
    failing_rows: int | None = None

    def holds(self, source_sha256: str, today: date) -> bool:
        """Whether it is for these bytes, on this day."""
        if self.until_day is not None:
            return today <= self.until_day
        return self.source_sha256 == source_sha256


def hold_back(lake: Path, held: HeldBack) -> None:
    """Notes that an archive is held back; since when stays what it was."""
    before = held_back(lake, held.archive)
    if before is not None:
        held = msgspec.structs.replace(held, held_since=before.held_since)
    write_aside(_held_path(lake, held.archive), _encoded(held), durable=True)


def let_go(lake: Path, archive: str) -> None:
    """Notes that an archive is no longer held back."""
    _held_path(lake, archive).unlink(missing_ok=True)


def held_back(lake: Path, archive: str) -> HeldBack | None:
    """Why an archive is held back; None when it is not."""
    return _read(_held_path(lake, archive), HeldBack)


def all_held_back(lake: Path) -> list[HeldBack]:
    """Every archive that is held back, by name."""
    return _all(lake / "_held_back", HeldBack)


def accept(lake: Path, acceptance: Acceptance) -> None:
    """Notes a decision; one for the same archive and rule takes the place of another."""
    path = _accepted_path(lake, acceptance.archive, acceptance.rule)
    write_aside(path, _encoded(acceptance), durable=True)


def acceptances(lake: Path, archive: str) -> list[Acceptance]:
    """The decisions about an archive."""
    return [acceptance for acceptance in all_acceptances(lake) if acceptance.archive == archive]


def all_acceptances(lake: Path) -> list[Acceptance]:
    """Every decision, by archive and rule."""
    return _all(lake / "_acceptances", Acceptance)


def forget(lake: Path, acceptance: Acceptance) -> None:
    """Removes a decision that no longer holds."""
    _accepted_path(lake, acceptance.archive, acceptance.rule).unlink(missing_ok=True)


def _held_path(lake: Path, archive: str) -> Path:
    return lake / "_held_back" / f"{file_name(archive)}.json"


def _accepted_path(lake: Path, archive: str, rule: str) -> Path:
    return lake / "_acceptances" / f"{file_name(archive)}.{file_name(rule)}.json"


def _encoded(value: msgspec.Struct) -> bytes:
    return seal(msgspec.json.format(msgspec.json.encode(value)))


def _all(folder: Path, kind: type[_Kind]) -> list[_Kind]:
    values = (_read(path, kind) for path in sorted(folder.glob("[!.]*.json")))
    return [value for value in values if value is not None]


def _read(path: Path, kind: type[_Kind]) -> _Kind | None:
    try:
        return msgspec.json.decode(unseal(path.read_bytes()), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise DamageError(f"{path} cannot be read ({error}); delete it, and run again") from error
