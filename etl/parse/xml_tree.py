"""XML read with entity expansion and access to anything outside switched off."""

from __future__ import annotations

from typing import Any

from lxml import etree

from etl.parse.record import RecordError


def read_tree(raw: bytes) -> Any:  # noqa: ANN401  (lxml has no types)
    """The root element.

    Raises:
        RecordError: not well-formed, or it declares a document type: none of the Assembly's documents does.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, dtd_validation=False, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RecordError("xml", f"not well-formed XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise RecordError("xml", "the document declares a DOCTYPE, which no document of the Assembly does: refused")
    return root


def name_of(element: Any) -> str:  # noqa: ANN401
    """The element's name without its namespace; "" for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
