"""Pages as they are sent: bytes to text, tags by position, the text of a piece. Nothing here expects tags to nest.

The texts of questions hold unbalanced HTML. So a page is cut at the places that are known (a heading, a class), and
what lies between two places is kept as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from etl.parse.record import Anomaly, RecordError
from etl.written import ATTRIBUTES, LETTER_AND_HYPHEN

_SAYS_UTF8 = re.compile(rb"charset\s*=\s*[\"']?\s*utf-?8", re.IGNORECASE)
_SAYS_LATIN_9 = re.compile(rb"charset\s*=\s*[\"']?\s*(?:iso-?8859-?15|latin-?9)\b", re.IGNORECASE)
_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_BYTE_OF = {ord(char): byte for byte, char in _C1.items()}
# A letter or sign beyond ASCII in UTF-8, and the first two bytes of those of three that French texts have.
_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_LETTER_OR_NOT = re.compile(rb"(?P<letter>" + _LETTER.pattern + rb")|[\x80-\xff]|[\x00-\x7f]+")
_LIKELY = frozenset((b"\xe2\x80", b"\xe2\x81", b"\xe2\x82", b"\xe2\x84", b"\xef\xbb", b"\xef\xbf", b"\xef\xac"))
_TWICE = re.compile(f"(?!{LETTER_AND_HYPHEN})[\x80-\xff{re.escape(''.join(_C1.values()))}]{{2,}}")
_NO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff]")
_MARKUP = re.compile(
    rf"<!--|<!(?i:doctype)\b[^<>]*>|<(?P<closing>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<attributes>{ATTRIBUTES})>"
)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([A-Za-z][\w:-]*+)\s*+=\s*+(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>]+))""")
_RAW = frozenset(("script", "style"))
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split())
_BLOCKS = """address article aside blockquote body br caption center dd div dl dt fieldset footer form h1 h2 h3 h4 h5
    h6 head header hr html legend li main nav ol option p pre section select table tbody td tfoot th thead title tr
    ul"""
_BLOCK_NAMES = frozenset(_BLOCKS.split())
#: A whole number, also in groups of three digits.
WHOLE = r"(?:\d{1,3}(?:[ .]\d{3})+(?!\d)|\d+)"
_FORM = re.compile(r"<(/?)form\b[^<>]*>", re.IGNORECASE)


class Tag(NamedTuple):
    """A tag and where it stands.

    Attributes:
        start: of its "<".
        end: behind its ">".
        closing: whether it closes.
        name: in lower case.
        attributes: as written.
    """

    start: int
    end: int
    closing: bool
    name: str
    attributes: str

    def get(self, name: str) -> str:
        """The attribute's value, or "" when it is not there."""
        for attribute in _ATTRIBUTE.finditer(self.attributes):
            if attribute[1].lower() == name:
                return unescape(attribute[2] or attribute[3] or attribute[4] or "")
        return ""

    def has(self, word: str) -> bool:
        """Whether the word is among its classes or is its id."""
        return word in self.get("class").split() or word == self.get("id").strip()


def decode(raw: bytes) -> tuple[str, list[Anomaly]]:
    """The text of a page, accents and letters composed, and what was odd about its bytes.

    What they are decides, not what the page says: UTF-8, windows-1252 (docs/source/formats.md 5.1), or both in a page.
    Only ISO 8859-15, which has œ and € elsewhere, is known by its name.

    Raises:
        RecordError: they are neither (rule "encoding"), or UTF-16 that is cut.
    """
    text, odd = _decoded(raw)
    lost = text.count("\ufffd")
    if lost > 2 and 2 * lost > sum(not char.isascii() for char in text):
        raise RecordError("encoding", f"{lost} letters were lost before it was saved (U+FFFD): fetch it again")
    if lost:
        odd.append(_bad_encoding(f"letters lost before the page was saved: {lost}"))
    return unicodedata.normalize("NFC", _NO_WIDTH.sub("", text)), odd


def _decoded(raw: bytes) -> tuple[str, list[Anomaly]]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise RecordError("form", f"a text cut in the middle of a UTF-16 character: {error.reason}") from error
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return _encoded_once(raw.decode())
    except UnicodeDecodeError as error:
        if error.end == len(raw) and error.reason == "unexpected end of data":
            return raw[: error.start].decode(), [_bad_encoding("ends in the middle of a letter")]
        return _mixed(raw, error.start)


def _mixed(raw: bytes, at: int) -> tuple[str, list[Anomaly]]:
    """Bytes that are not all UTF-8: what is no letter in UTF-8 is in windows-1252.

    In a page that is all in windows-1252 chance makes letters of no French text: of "é »" a Chinese one.
    """
    letters = [match[0] for match in _LETTER.finditer(raw)]
    likely = sum(map(_is_likely, letters))
    strays = sum(byte >= 0x80 for byte in raw) - sum(map(len, letters))
    is_utf8 = likely > strays
    encoding = "iso8859-15" if _SAYS_LATIN_9.search(raw[:4096]) else "cp1252"

    def decoded(match: re.Match[bytes]) -> str:
        if match["letter"] and (is_utf8 or _is_likely(match["letter"])):
            return match["letter"].decode()
        try:
            return match[0].decode(encoding)
        except UnicodeDecodeError as error:
            what = f"byte {match.start()} ({match[0][error.start]:#x}) is neither UTF-8 nor windows-1252"
            raise RecordError("encoding", f"{what}: fetch the document again, or save it as UTF-8") from error

    text = "".join(map(decoded, _LETTER_OR_NOT.finditer(raw)))
    if is_utf8 or likely or _SAYS_UTF8.search(raw[:4096]):
        return text, [_bad_encoding(f"byte {at} is not UTF-8: read as windows-1252")]
    return text, []


def _encoded_once(text: str) -> tuple[str, list[Anomaly]]:
    """Undoes a second encoding in UTF-8, of all or a part: French that was encoded once is not valid as bytes of it."""
    if text.isascii():
        return text, []
    once, before = _TWICE.sub(_once, text), text
    while once != before:  # more often than twice
        once, before = _TWICE.sub(_once, once), once
    return once, [] if once == text else [_bad_encoding("encoded in UTF-8 twice")]


def _once(match: re.Match[str]) -> str:
    raw = match[0].translate(_BYTE_OF).encode("latin-1")
    try:
        letters = raw.decode()
    except UnicodeDecodeError:
        return match[0]
    return letters.removeprefix("\ufeff") if all(_is_likely(letter.encode()) for letter in letters) else match[0]


def _is_likely(letter: bytes) -> bool:
    """Whether a letter in UTF-8 is one that French texts have: Latin, an accent, a quote, a dash, a sign as € or ™."""
    return letter[0] in b"\xc2\xc3\xc4\xc5\xcc" or letter[:2] in _LIKELY


def _bad_encoding(what: str) -> Anomaly:
    return Anomaly("bad_encoding", "warning", "page", what)


def _pieces(source: str) -> Iterator[tuple[int, int, Tag | None]]:
    """Tags, and with None the doctype, comments and the contents of scripts and styles, each with start and end."""
    at = 0
    comment_end = -1
    endless: set[str] = set()
    while match := _MARKUP.search(source, at):
        start, at = match.span()
        if match["name"] is None:
            if match[0] == "<!--":
                if comment_end < start + 5:
                    comment_end = source.find("-->", start + 2)
                    comment_end = len(source) + 3 if comment_end < 0 else comment_end + 3
                # One that is never closed is none, and what follows is text.
                if comment_end <= len(source) and source.find("<!--", at, comment_end - 3) < 0:
                    at = comment_end
            yield start, at, None
            continue
        name = match["name"].lower()
        yield start, at, Tag(start, at, bool(match["closing"]), name, match["attributes"])
        if match["attributes"].endswith("/") and not match["closing"]:
            if name not in _VOID:  # XML's way to write an element that is empty
                yield at, at, Tag(at, at, True, name, "")
        elif name in _RAW and not match["closing"] and name not in endless:
            close = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, at)
            if close is None:
                endless.add(name)
            elif close.start() > at:
                yield at, close.start(), None
                at = close.start()


def tags(source: str) -> list[Tag]:
    """Every tag, in order, but those in comments, scripts and styles."""
    return [tag for _, _, tag in _pieces(source) if tag is not None]


def lines(source: str) -> list[str]:
    """The text, a line for each block or break, spaces single; blank lines are left out."""
    out: list[str] = []
    at = 0
    for start, end, tag in _pieces(source):
        out.append(unescape(source[at:start]).replace("\n", " ").replace("\r", " "))
        if tag is not None and tag.name in _BLOCK_NAMES:
            out.append("\n")
        at = end
    out.append(unescape(source[at:]).replace("\n", " ").replace("\r", " "))
    return [line for written in "".join(out).split("\n") if (line := " ".join(written.split()))]


def plain(source: str) -> str:
    """The text on one line."""
    return " ".join(lines(source))


def fold(text: str) -> str:
    """Lower case, no accents, curly apostrophes straight, spaces single: to compare labels and names."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    return " ".join(bare.replace("’", "'").split())


def digits(number: str) -> str:
    """A whole number without what parts its groups."""
    return re.sub(r"\D", "", number)


def has_letters(text: str) -> bool:
    """Whether anything is written there."""
    return any(map(str.isalnum, text))


def block_end(some_tags: list[Tag]) -> int | None:
    """Where the element that begins with the first tag ends, inner ones of that name counted; None: not among these."""
    depth = 0
    for tag in some_tags:
        if tag.name == some_tags[0].name:
            depth += -1 if tag.closing else 1
            if depth == 0:
                return tag.start
    return None


def without_forms(fragment: str) -> str:
    """The fragment without its forms: the Assembly offers an alert where an answer is awaited."""
    out: list[str] = []
    done, opened = 0, None
    for tag in _FORM.finditer(fragment):
        if not tag[1] and opened is None:
            opened = tag.start()
        elif tag[1] and opened is not None:
            out.append(fragment[done:opened])
            done, opened = tag.end(), None
    out.append(fragment[done:])
    return " ".join(out)


def without_closers(fragment: str, names: frozenset[str]) -> str:
    """The fragment without the tags of these names, and the blanks, at its end."""
    fragment = fragment.rstrip()
    while fragment.endswith(">"):
        tag = _MARKUP.fullmatch(fragment, fragment.rfind("<"))
        if tag is None or (tag["name"] or "").lower() not in names:
            break
        fragment = fragment[: tag.start()].rstrip()
    return fragment
