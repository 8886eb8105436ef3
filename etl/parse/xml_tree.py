"""XML read with entity expansion and access to anything outside switched off."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from lxml import etree

from etl.parse.markup import decode
from etl.parse.record import Anomaly, RecordError

#: How the names of attributes begin that any element may have, and none uses: where its schema is, its language.
OF_XML = "{http://www.w3.org/"
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*\?>")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


def read_damaged(raw: bytes, *, doctype: bool = False) -> tuple[Any, list[Anomaly]]:
    """The root element, and what was wrong with the bytes.

    Mended are an encoding that is not the declared one, control characters, and a "&" that XML does not know.

    Args:
        raw: the document.
        doctype: as in `read_tree`.

    Raises:
        RecordError: as `read_tree`.
    """
    try:
        return read_tree(raw, doctype=doctype), []
    except RecordError as error:
        text = _BARE.sub("&amp;", _NO_XML.sub("", _DECLARATION.sub("", decode(raw)[0], count=1)))
        return read_tree(text.encode(), doctype=doctype), [Anomaly("bad_xml", "warning", "document", str(error)[:200])]


def read_tree(raw: bytes, *, doctype: bool = False) -> Any:  # noqa: ANN401  (lxml has no types)
    """The root element.

    Args:
        raw: the document.
        doctype: whether it may name a document type, which is never looked at.

    Raises:
        RecordError: not well-formed, or it declares entities, or a document type that it may not name.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, dtd_validation=False, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RecordError("xml", f"not well-formed XML: {' '.join(str(error).split())}") from error
    declared = root.getroottree().docinfo.internalDTD
    if doctype and declared is not None and any(True for _ in declared.iterentities()):
        raise RecordError("xml", "the document declares entities of its own: refused")
    if declared is not None and not doctype:
        raise RecordError("xml", "the document declares a DOCTYPE, which no document of the Assembly does: refused")
    return root


def name_of(element: Any) -> str:  # noqa: ANN401
    """The element's name without its namespace; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def markup_of(element: Any) -> str:  # noqa: ANN401
    """The text of an element and the markup in it, whether that was escaped or not."""
    if not any(name_of(child) for child in element):
        return "".join(element.itertext())
    for inner in element.iterdescendants():
        if inner.prefix:
            inner.tag = name_of(inner)  # <h:p> is a <p> to who reads HTML
    parts = [escape(element.text or "", quote=False)]
    parts.extend(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return "".join(parts)
