"""Which form a single document of a question has, by its content, and the record it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

import msgspec

from etl.parse import dyn_page, dyn_text, fiche, opendata_json, page, plain, unit_xml, vue_xml
from etl.parse.draft import question_type
from etl.parse.markup import WHOLE, decode, digits, fold, lines
from etl.parse.markup import plain as text_of
from etl.parse.record import Anomaly, Record, RecordError
from etl.parse.xml_tree import name_of, read_damaged
from etl.written import LINE_END, with_breaks

_BINARY = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "an empty zip archive"),
           (b"\x1f\x8b", "a gzip file"), (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"),
           (b"\xd0\xcf\x11\xe0", "an old Office document"), (b"\x1f\x9d", "a compress (.Z, .taz) file"))  # fmt: skip
_JSON = re.compile(rb"""\{|\[\s*[\[{"\d\]]""")  # a text may begin with a bracket
_XML = re.compile(rb"\s*(?:<\?xml\b|<(?:\w+:)?(?:QUESTION|question|questions\w*)\b)")
_MIME = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?MIME-Version:", re.IGNORECASE)
_SAYS_UTF_16 = re.compile(r"""(?<=<\?xml version=.1\.0.)\s+encoding=["']utf-16\w*["']""", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|title|table|div|p|td|h\d)\b", re.IGNORECASE)
_FICHE = re.compile(r"<NUM\b[^<>]*>", re.IGNORECASE)
_FICHE_TOO = re.compile(r"<(?:LEG|NLEG|NAT|QUEST|MINI)\b[^<>]*>", re.IGNORECASE)
_DYN = re.compile(r"""_style-question|data-id\s*=\s*["']?QANR5L""", re.IGNORECASE)
_NUMBERED = re.compile(r"Question\s*+(?>(?:<[^<>]*>\s*+)*)N\s*+[°ºo]", re.IGNORECASE)
# What stands above the texts of one question; a text that names another by its number has not all of it.
_ABOVE = r"(?>(?:(?!Question\s*(?:N\s*[°ºo]|publi)|Minist[eè]re\s+interrog|Texte\s+de\s+la\s).)*)"
_HEAD = re.compile(
    rf"Question\s*N\s*[°ºo]\s*+:?\s*+((?>{WHOLE})){_ABOVE}Minist[eè]re\s+interrog{_ABOVE}Question\s+publi[eé]e\s+au\s",
    re.IGNORECASE | re.DOTALL,
)
_DYN_TITLE = r"Question\s+(?:[eé]crite|orale|au\s+gouvernement)\b[^\n:]{0,30}?n\s?[°ºo]\s?"
_DYN_HEAD = re.compile(
    rf"{_DYN_TITLE}((?>{WHOLE}))\s?:(?>(?:(?!{_DYN_TITLE}|Question\s+de\s?:).)*)Question\s+de\s?:",
    re.IGNORECASE | re.DOTALL,
)
_HEADED = re.compile(r"Texte\s+de\s+la\s+(?:question|r)|<h[1-6]\b[^<>]*>\s*(?:Texte\s+du\s+)?D[eé]bat\b", re.IGNORECASE)
_TOLD = re.compile(
    r"^[^\w\n]*(?:Texte\s+de\s+la\s+(?:question|r[eé]ponse)|D[EÉ]BAT)\s*:?\s*$", re.IGNORECASE | re.MULTILINE
)
_ENDED = re.compile(r"</body\b", re.IGNORECASE)
_SHOWN = re.compile(r"&lt;(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
_CUT_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]*\Z")  # of a page that ends within a tag
_SHOWN_WITHIN = 4000  # characters; what a browser or an editor writes before the source that it shows
_QUOTED = re.compile(r"^[ \t]*>[^\n]*\bQuestion\s+(?:N|[eé]crite|orale|au\s)", re.IGNORECASE | re.MULTILINE)
_QUOTES = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)  # of a mail that answers one
_ENTITY = re.compile(r"&(?:[A-Za-z]\w*+|#\d+|#[xX][0-9a-fA-F]+);")
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
# docs/source/formats.md 5.3, end: sent with status 200
_ERRORS = (
    ("the page cannot be found", 'an error page: "The page cannot be found"'),
    ("aucun resultat ne correspond", 'an empty result: "Aucun résultat ne correspond à votre recherche"'),
    ("error 503", 'an error page: "Error 503 Service Unavailable"'),
    ("service unavailable", 'an error page: "Service Unavailable"'),
)


def read_document(raw: bytes) -> tuple[Record, list[Anomaly]]:
    """Reads a document of one question, whatever its form.

    Args:
        raw: HTML of legislatures 7 to 17, also in a mail or in one file as a browser saves it (MHTML), `/vue/xml`,
            unit JSON or XML, or the plain text of a page.

    Returns:
        The record, and what was odd about it.

    Raises:
        RecordError: it is none of these forms (rule "form", with what it looks like), or cannot be read.
    """
    body = _body(raw)
    if _MIME.match(body[:8000]):
        raw = _page_in(body)
        body = _body(raw)
    if not body:
        raise RecordError("form", "the document is empty: fetch it again")
    for start, what in _BINARY:
        if body.startswith(start):
            raise RecordError("form", f"the document is {what}, a question's page, XML, JSON or text was expected")
    if _JSON.match(body):
        return _read_json(*_as_utf8(body))
    if _XML.match(body) and not _is_page(body):
        return _read_xml(body)
    source, odd = decode(raw)
    record, more = _read_text(source)
    return record, odd + more


def _page_in(mail: bytes) -> bytes:
    from email import message_from_bytes

    try:
        parts = list(message_from_bytes(mail).walk())
    except RecursionError as error:
        raise RecordError("form", "the document is a mail within mails without end") from error
    for part in parts:
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            return page if isinstance(page, bytes) else b""
    raise RecordError("form", "the document is a mail, or a file that a browser saved, without a page in it")


def is_open_data(raw: bytes) -> bool:
    """Whether a document that can be read is the open data's own, in JSON or XML, rather than a page made from it."""
    body = _body(raw)
    return body.startswith(b"{") or re.search(rb"<(?:\w+:)?question[\s>]", body[:2000]) is not None


def _body(raw: bytes) -> bytes:
    """The bytes without a byte order mark and the blanks before, in UTF-8 where they were in UTF-16."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = _SAYS_UTF_16.sub("", decode(raw)[0], count=1).encode()
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_page(body: bytes) -> bool:
    """An XHTML page may begin as XML does."""
    return re.search(rb"<(?:!doctype\s+html|html|body)\b", body[:2000], re.IGNORECASE) is not None


def _as_utf8(body: bytes) -> tuple[bytes, list[Anomaly]]:
    try:
        body.decode()
    except UnicodeDecodeError:
        text, odd = decode(body)
        return text.encode(), odd
    return body, []


def _read_json(body: bytes, odd: list[Anomaly]) -> tuple[Record, list[Anomaly]]:
    try:
        keys = _members.decode(body).keys()
    except msgspec.ValidationError as error:
        raise RecordError("form", 'the document is JSON, but not {"question": …}') from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError("json", f"not JSON: {error}") from error
    is_alone = "uid" in keys and "identifiant" in keys  # a unit document, without the archive's wrapper
    if "question" in keys or is_alone:
        record, more = _of_a_known_type(opendata_json.read(body, item="question" not in keys))
        return record, odd + more
    if any(key.startswith("questions") for key in keys):
        raise RecordError("form", "the document is a whole archive's JSON, not one question's: load it as an archive")
    raise RecordError("form", f'the document is JSON, but not {{"question": …}}: it begins with {_first(keys)!r}')


def _of_a_known_type(read: tuple[Record, list[Anomaly]]) -> tuple[Record, list[Anomaly]]:
    question_type(read[0].question_type)
    return read


def _first(keys: Iterable[str]) -> str | None:
    return next((key[:60] for key in keys), None)


def _read_xml(body: bytes) -> tuple[Record, list[Anomaly]]:
    root, odd = read_damaged(body)
    name = name_of(root)
    if name in ("QUESTION", "question"):
        record, more = vue_xml.read(root) if name == "QUESTION" else _of_a_known_type(unit_xml.read(root))
        return record, odd + more
    if name.startswith("questions"):
        raise RecordError("form", f"the document is a whole archive's XML (<{name}>): load it as an archive")
    raise RecordError("form", f"the document is XML of another kind, its root is <{name[:60]}>")


def _read_text(source: str) -> tuple[Record, list[Anomaly]]:
    is_html = _HTML.search(source) is not None
    if is_html:
        source = LINE_END.sub(" ", with_breaks(_CUT_TAG.sub("", source)))  # as it is in HTML outside <pre>
    told = "\n".join(lines(source)) if is_html else source
    _refuse_several(told)
    if _FICHE.search(source) and _FICHE_TOO.search(source):
        return fiche.read(source)
    if is_html and _SHOWN.search(source[:_SHOWN_WITHIN]) and told.startswith("<"):
        return _read_text(told)  # a page's source, saved as a page
    if is_html and _DYN.search(source):
        return dyn_page.read(source)
    if is_html and _ENDED.search(source) and not page.is_one(source) and _has_all(told):
        source, is_html = told, False  # as Word and mail save what was copied: paragraphs, and nothing of the layout
    if not is_html:  # what only removes tags leaves entities
        source = _ENTITY.sub(lambda entity: unescape(entity[0]), source)
        if _QUOTED.search(source):
            source = _QUOTES.sub("", source)
        if dyn_text.is_one(source):
            return dyn_text.read(source)
    unescaped = unescape(source)
    if _NUMBERED.search(unescaped) and _HEADED.search(unescaped):
        return page.read(source) if is_html else plain.read(source)
    if not is_html and re.search(r"Question\s*N\s*[°ºo]", source) and re.search(r"D[EÉ]BAT\s*:", source):
        return plain.read(source)
    raise RecordError("form", _looks_like(source, is_html))


def _has_all(told: str) -> bool:
    """Whether the text of a page is enough to read it."""
    return dyn_text.is_one(told) or (_NUMBERED.search(told) is not None and _TOLD.search(told) is not None)


def _refuse_several(text: str) -> None:
    for head in (_HEAD, _DYN_HEAD):
        numbers = dict.fromkeys(map(digits, head.findall(text)))
        if len(numbers) > 1:
            raise RecordError(
                "form", f"the document has several questions, {', '.join(numbers)}: give each its own file"
            )


def _looks_like(source: str, is_html: bool) -> str:
    title = _TITLE.search(source)
    named = text_of(title[1]) if title else ""
    folded = fold(source[:200_000])
    for words, what in _ERRORS:
        if words in folded:
            return f"the document is {what}"
    if re.match(r"50\d", named):
        return f"the document is a server's error page, {named[:60]!r}"
    if is_html:
        return f"the document is an HTML page, titled {named[:60]!r}, that holds no question"
    if "\0" in source[:4096]:
        return "the document is binary data"
    return f"the document is text that begins {' '.join(source[:60].split())!r}, and holds no question"
