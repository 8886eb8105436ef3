"""A question in XML, `<question xmlns=…>`, whose elements have the names of the JSON (docs/source/formats.md 3)."""

from __future__ import annotations

from typing import Any

import msgspec
from lxml import etree

from etl.parse import opendata_json
from etl.parse.node import SPACES
from etl.parse.record import Anomaly, Record
from etl.parse.xml_tree import markup_of, name_of

_PREFIXES = {"http://www.w3.org/2001/XMLSchema-instance": "xsi:", "http://www.w3.org/XML/1998/namespace": "xml:"}
_TEXTS = frozenset(("texte", "erratum"))
_OF_ERRATUM = frozenset(("texte", "infoJO"))  # an erratum may be an element of these rather than a text


def read(root: Any) -> tuple[Record, list[Anomaly]]:  # noqa: ANN401
    """Reads the element of a question.

    Raises:
        RecordError: it is not a question.
    """
    return opendata_json.read(msgspec.json.encode({"question": as_json(root)}), item=False)


def as_json(element: Any) -> dict[str, Any] | str | None:  # noqa: ANN401
    """An element as the JSON form has it: attributes as @x, repeated elements as lists, text as str, empty as None."""
    text = element.text or ""
    node: dict[str, Any] = {_attribute(name): value for name, value in element.items()}
    for child in element:
        if name := name_of(child):
            value = markup_of(child) if name in _TEXTS and _is_markup(child) else as_json(child)
            if name not in node:
                node[name] = value
            elif isinstance(node[name], list):
                node[name].append(value)
            else:
                node[name] = [node[name], value]
        text += child.tail or ""
    own_text = text.strip(SPACES) or None
    if node and own_text:
        node["#text"] = own_text
    return node or own_text


def _attribute(name: str) -> str:
    qualified = etree.QName(name)
    return f"@{_PREFIXES.get(qualified.namespace or '', '')}{qualified.localname}"


def _is_markup(element: Any) -> bool:  # noqa: ANN401
    names = set(map(name_of, element)) - {""}
    return bool(names) and not names & _OF_ERRATUM
