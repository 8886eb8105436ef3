"""Archives in JSON: a file a question, or one big document (XIV), which is cut into records as its bytes come by.

Shapes: docs/source/formats.md 1. The document is cut by structure: strings and nesting are followed, and no order of
keys is assumed.
"""

from __future__ import annotations

import re

import msgspec

from etl.errors import SourceError
from etl.parse import opendata_json
from etl.parse.bulk import HEAD, MAX_BROKEN, MAX_RECORD, Form, entry_of
from etl.parse.record import Anomaly, Entry, unknown_key

# atomic groups, for CPython 3.11.2 (Debian 12's) misreads a possessive quantifier after a group
_STRING = rb'"(?>(?:[^"\\]+|\\.)*)"'
_nested = rb"(?!)"
for _ in range(24):
    _nested = rb"[{\[](?>(?:[^{}\[\]\"]+|" + _STRING + rb"|" + _nested + rb")*)[}\]]"
_NO_OBJECT = rb"(?>" + _STRING + rb"|null|true|false|[-0-9][-0-9.eE+]*)"
_RECORD = re.compile(_NO_OBJECT + rb"|(?=\{)" + _nested, re.DOTALL)
_SCALARS = rb"(?>(?:" + _STRING + rb"\s*:\s*(?:" + _STRING + rb"|null|true|false|[-0-9.eE+]+)\s*,\s*)*)"
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\{\s*"
    + _SCALARS
    + _STRING
    + rb"\s*:\s*\{\s*"
    + _SCALARS
    + rb'"question"\s*:\s*(?:\[|(?=\{))',
    re.DOTALL,
)
_BETWEEN = re.compile(rb"\s*,?\s*")
_FIRST_KEY = re.compile(rb"\{\s*" + _STRING, re.DOTALL)
_FOLLOWED = re.compile(rb"\s*(?:,\s*(?:\{|" + _NO_OBJECT + rb"\s*[,\]])|\]\s*[},])", re.DOTALL)
_SECOND_LIST = re.compile(rb'"question"\s*:')
_TAIL = re.compile(rb"\]\s*\}\s*\}\s*\Z")
_NUMBER = re.compile(rb'"numero"\s*:\s*(?:\{[^{}]*"#text"\s*:\s*)?"?\s*([0-9]{1,9})\b')
_UNIT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"question"\s*:')
_items = msgspec.json.Decoder(list[msgspec.Raw])


def number(raw: bytes) -> int | None:
    """The question's number, by a look at its bytes."""
    match = _NUMBER.search(raw)
    return int(match[1]) or None if match else None


class Cutter:
    """Finds where each record of a document begins and ends, as its bytes come by."""

    def __init__(self, member: str, name: str) -> None:
        self.member, self.name = member, name
        self.buffer, self.base = b"", 0
        self.head: bytes | None = None
        self.first_key: bytes | None = None
        self.has_records = self.closed = False
        self.tail = b""
        self.broken = 0
        self.odd: list[Anomaly] = []

    def cut(self, piece: bytes, last: bool = False) -> list[Entry]:
        """The records that `piece` completes."""
        if self.closed:
            self.tail += piece[: MAX_RECORD + 1 - len(self.tail)]  # a longer one is no tail
            return []
        buffer = self.buffer + piece
        position = 0
        entries: list[Entry] = []
        if self.head is None:
            head = _HEAD.match(buffer)
            if not head and len(buffer) < HEAD and not last:
                self.buffer = buffer
                return []
            self.head = self._begin(buffer, head)
            position = len(self.head)
        for length in self._quickly(buffer, position):
            start = _BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]
            position = start + length
            entries.append(self._entry(buffer[start:position], self.base + start))
        while not self.closed:
            start = _BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]
            if start == len(buffer):
                position = start
                break
            alone = not self.head.endswith(b"[")
            if buffer[start : start + 1] == b"]" or (alone and self.has_records):
                self.closed, self.tail, position = True, buffer[position:], len(buffer)
                break
            if self.first_key is None and (first := _FIRST_KEY.match(buffer, start)):
                self.first_key = first[0]
            record = _RECORD.match(buffer, start, start + MAX_RECORD)
            whole = record and (alone or _FOLLOWED.match(buffer, record.end()))
            end = record.end() if record and whole else self._resume(buffer, start, last)
            if end is None:
                position = start
                break
            entries.append(self._entry(buffer[start:end], self.base + start))
            position = end
        self.buffer, self.base = buffer[position:], self.base + position
        return entries

    def end(self) -> list[Entry]:
        """The last records, once the document is at its end.

        Raises:
            SourceError: the document is not whole.
        """
        entries = self.cut(b"", last=True)
        head = (self.head or b"").removeprefix(b"\xef\xbb\xbf")
        try:
            skeleton = msgspec.json.decode(head + (b"" if head.endswith(b"[") else b"null") + self.tail)
        except msgspec.DecodeError as error:
            raise SourceError(
                f"{self.name}: {self.member} ends before its document does, or goes on after it ({error}); "
                "fetch it again with --force"
            ) from error
        if _SECOND_LIST.search(self.tail):
            raise SourceError(f"{self.name}: {self.member} has a second list of questions; look at it in raw/")
        for root, inner in skeleton.items():
            keys = [f"{root}.{key}" for key in inner if key != "question"] if isinstance(inner, dict) else [root]
            self.odd += [unknown_key(key, None) for key in keys if "@" not in key]
        return entries

    def _begin(self, buffer: bytes, head: re.Match[bytes] | None) -> bytes:
        if not head:
            begins = buffer[:60].decode("utf-8", "replace")
            raise SourceError(
                f"{self.name}: {self.member} is not a document of questions, it begins with {begins!r}; "
                "look at it in raw/"
            )
        return head[0]

    def _entry(self, raw: bytes, offset: int) -> Entry:
        self.has_records = True
        return entry_of(self.member, number(raw), offset, raw)

    def _quickly(self, buffer: bytes, position: int) -> list[int]:
        """Lengths of the records up to the last that begins as the first did; none unless all are well formed."""
        start = _BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]
        last = buffer.rfind(self.first_key, start + 1) if self.first_key else -1
        if last < 0:
            return []
        try:
            return [len(bytes(item)) for item in _items.decode(b"[" + buffer[start:last].rstrip(b" \t\r\n,") + b"]")]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return []

    def _resume(self, buffer: bytes, start: int, last: bool) -> int | None:
        """Where a broken record ends: where the next begins as the first did; None when more must be read."""
        if len(buffer) - start < MAX_RECORD and not last:
            return None
        self.broken += 1
        if self.first_key and self.broken <= MAX_BROKEN:
            following = buffer.find(self.first_key, start + 1)
            ending = _TAIL.search(buffer, start) if following < 0 and last else None
            if following > 0 or ending:
                broken = buffer[start : ending.start() if ending else following]
                return start + len(broken.rstrip(b" \t\r\n,"))
        raise SourceError(
            f"{self.name}: {self.member} cannot be cut into records after byte {self.base + start}: "
            "its JSON is broken there; look at it in raw/, or wait for the Assembly to publish it again"
        )


FORM = Form(read=opendata_json.read, cutter=Cutter, is_unit=_UNIT.match, is_document=_HEAD.match, number=number)
