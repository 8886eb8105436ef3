"""Archives in XML: a file a question, or one big document (XIV), which is cut into records as its bytes come by.

Shapes: docs/source/formats.md 3. The document is cut by structure: `<` begins markup everywhere but in comments and
CDATA sections, which are skipped whole. What stands around the records, the skeleton, must be a document by itself.
"""

from __future__ import annotations

import re

from etl.errors import SourceError
from etl.parse import unit_xml
from etl.parse.bulk import HEAD, MAX_BROKEN, MAX_RECORD, Form, entry_of
from etl.parse.record import Anomaly, Entry, Record, RecordError, unknown_key
from etl.parse.xml_tree import name_of, read_tree

# atomic groups, for CPython 3.11.2 (Debian 12's) misreads a possessive quantifier after a group
_OPAQUE = rb"(?><!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>)"
_ASIDE = rb"(?>\s+|<!--.*?-->|<\?.*?\?>)"
_BEFORE = rb"(?:\xef\xbb\xbf)?(?P<declared><\?xml\s[^<>]*\?>)?(?>" + _ASIDE + rb"*)"
_ATTRIBUTES = rb"""(?>(?:[^<>"']+|"[^<"]*"|'[^<']*')*)"""
_ENDS = rb"(?=[\s/>])"


def _element(start: bytes, name: bytes) -> re.Pattern[bytes]:
    """The pattern of an element that holds none of its own name: where a second such tag opens, the end was lost."""
    content = rb"(?>(?:[^<]+|<(?!/?" + name + _ENDS + rb"|[!?])|" + _OPAQUE + rb")*)"
    end = rb"(?>(?<=/>)|" + content + rb"</" + name + rb"\s*>)"
    return re.compile(start + _ENDS + _ATTRIBUTES + rb">" + end, re.DOTALL)


_RECORD = _element(rb"<question", rb"question")
_OTHER = _element(rb"<(?P<name>[^\s<>/!?\"'=]+)", rb"(?P=name)")
_CLOSES = re.compile(rb"</questions\w*\s*>")
_FOLLOWED = re.compile(rb"(?>\s*)(?:<[^\s<>/!]|<!--|</questions\w*\s*>)")
_SKIPPED = re.compile(_ASIDE, re.DOTALL)
_QUESTION = re.compile(rb"<question" + _ENDS)
_HEAD = re.compile(_BEFORE + rb"<questions\w*" + _ENDS + _ATTRIBUTES + rb">", re.DOTALL)
_TAIL = re.compile(rb"</questions\w*\s*>\s*\Z")
_DOCTYPE = re.compile(_BEFORE + rb"<!DOCTYPE", re.DOTALL)
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["'](?!(?:utf-?8|us-ascii)["'])([^"']*)""", re.IGNORECASE)
_UNIT = re.compile(_BEFORE + rb"<(?:[\w.-]+:)?question" + _ENDS, re.DOTALL)
_NUMBER = re.compile(_OPAQUE + rb"|<[!?].*|<(?:[\w.-]+:)?numero(?:\s[^<>]*)?>\s*([0-9]{1,9})\s*<", re.DOTALL)


def number(raw: bytes) -> int | None:
    """The question's number, by a look at its bytes."""
    digits = next((match[1] for match in _NUMBER.finditer(raw) if match[1]), None)
    return int(digits) or None if digits else None


def read(raw: bytes, *, item: bool) -> tuple[Record, list[Anomaly]]:
    """Reads one question.

    Args:
        raw: XML bytes.
        item: True for an element of the XIV's document, False for a file of its own.

    Raises:
        RecordError: the bytes are not XML, or not a question.
    """
    if item:  # the prefix that only the document's root declares
        raw = b'<_ xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' + raw + b"</_>"
    root = read_tree(raw)
    elements = list(root) if item else [root]
    if [name_of(element) for element in elements] != ["question"]:
        raise RecordError("shape", "it is not one <question>")
    if item and (stray := (root.text or "") + (elements[0].tail or "")):
        raise RecordError("shape", f"there is text beside the <question>: {stray[:60]!r}")
    return unit_xml.read(elements[0])


class Cutter:
    """Finds where each record of a document begins and ends, as its bytes come by."""

    def __init__(self, member: str, name: str) -> None:
        self.member, self.name = member, name
        self.buffer, self.base = b"", 0
        self.skeleton = bytearray()  # what stands around the records
        self.begun = self.closed = False
        self.broken = 0
        self.odd: list[Anomaly] = []

    def cut(self, piece: bytes, last: bool = False) -> list[Entry]:
        """The records that `piece` completes."""
        if self.closed:
            self._keep(piece)
            return []
        buffer = self.buffer + piece
        position = 0
        if not self.begun:
            head = _HEAD.match(buffer)
            if not head and len(buffer) < HEAD and not last:
                self.buffer = buffer
                return []
            position = self._begin(buffer, head)
        entries: list[Entry] = []
        while position < len(buffer) and not self.closed:
            if skipped := _SKIPPED.match(buffer, position):
                position = skipped.end()
                continue
            if _CLOSES.match(buffer, position):
                self.closed = True
                break
            is_record = _QUESTION.match(buffer, position) is not None
            whole = (_RECORD if is_record else _OTHER).match(buffer, position, position + MAX_RECORD)
            is_whole = whole and _FOLLOWED.match(buffer, whole.end())
            end = whole.end() if whole and is_whole else self._resume(buffer, position, last, is_record)
            if end is None:
                break
            raw = buffer[position:end]
            if is_record or not is_whole:
                entries.append(entry_of(self.member, number(raw), self.base + position, raw))
            else:
                self._keep(raw)
            position = end
        self.buffer, self.base = buffer[position:], self.base + position
        if self.closed:
            self._keep(self.buffer)
            self.buffer = b""
        return entries

    def end(self) -> list[Entry]:
        """The last records, once the document is at its end.

        Raises:
            SourceError: the document is not whole.
        """
        entries = self.cut(b"", last=True)
        try:
            skeleton = read_tree(bytes(self.skeleton))
        except RecordError as error:
            raise SourceError(
                f"{self.name}: {self.member} ends before its document does, or goes on after it ({error}); "
                "fetch it again with --force"
            ) from error
        root, others = name_of(skeleton), dict.fromkeys(map(name_of, skeleton))
        self.odd += [unknown_key(f"{root}.{name}", None) for name in others]
        return entries

    def _begin(self, buffer: bytes, head: re.Match[bytes] | None) -> int:
        """Takes the document's beginning; returns where it ends."""
        if not head:
            begins = buffer[:60].decode("utf-8", "replace")
            what = f"is not a document of questions, it begins with {begins!r}"
            if _DOCTYPE.match(buffer):
                what = "declares a DOCTYPE, which no document of the Assembly does: refused"
            raise SourceError(f"{self.name}: {self.member} {what}; look at it in raw/")
        if encoding := _ENCODING.search(head["declared"] or b""):
            raise SourceError(
                f"{self.name}: {self.member} declares the encoding {encoding[1].decode('utf-8', 'replace')[:40]!r}, "
                "UTF-8 was expected; look at it in raw/"
            )
        self._keep(head[0])
        self.begun, self.closed = True, head[0].endswith(b"/>")
        return head.end()

    def _keep(self, piece: bytes) -> None:
        self.skeleton += piece
        if len(self.skeleton) > HEAD:
            raise SourceError(
                f"{self.name}: {self.member} holds more than {HEAD:,} bytes beside its questions, "
                "or goes on after its end; look at it in raw/"
            )

    def _resume(self, buffer: bytes, start: int, last: bool, is_record: bool) -> int | None:
        """Where a broken record ends: where the next begins, or the document ends; None when more must be read."""
        if len(buffer) - start < MAX_RECORD and not last:
            return None
        self.broken += 1
        # what follows a broken record may be the rest of it
        if (is_record or self.broken > 1) and self.broken <= MAX_BROKEN:
            following = _QUESTION.search(buffer, start + 1, start + MAX_RECORD)
            if following is None and last:
                following = _TAIL.search(buffer, start)
            if following:
                return start + len(buffer[start : following.start()].rstrip())
        raise SourceError(
            f"{self.name}: {self.member} cannot be cut into records after byte {self.base + start}: "
            "its XML is broken there; look at it in raw/, or wait for the Assembly to publish it again"
        )


FORM = Form(read=read, cutter=Cutter, is_unit=_UNIT.match, is_document=_HEAD.match, number=number)
