"""A question in XML, `<question xmlns=…>`: the elements of the JSON form under the same names (FORMATS.md 3)."""

from __future__ import annotations

from typing import Any

import msgspec
from lxml import etree

from etl.parse import opendata_json
from etl.parse.record import Anomaly, Record
from etl.parse.xml_tree import name_of

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TEXTS = frozenset(("texte",))


def read(root: Any) -> tuple[Record, list[Anomaly]]:  # noqa: ANN401
    """Reads the element of a question.

    Raises:
        RecordError: it is not a question.
    """
    return opendata_json.read(msgspec.json.encode({"question": as_json(root)}), item=False)


def as_json(element: Any) -> dict[str, Any] | str | None:  # noqa: ANN401
    """An element as the JSON form has it: attributes as @x, repeated elements as lists, text as str, empty as None."""
    node: dict[str, Any] = {
        f"@{name.replace(_XSI, 'xsi:') if name.startswith(_XSI) else etree.QName(name).localname}": value
        for name, value in element.attrib.items()
    }
    children = [child for child in element if name_of(child)]
    if children and name_of(element) in _TEXTS:
        return _inner(element)
    for child in children:
        name, value = name_of(child), as_json(child)
        if name not in node:
            node[name] = value
        elif isinstance(node[name], list):
            node[name].append(value)
        else:
            node[name] = [node[name], value]
    text = "".join(element.itertext(with_tail=False)) if not children else _own_text(element)
    if not node:
        return text if text.strip() else None
    if text.strip():
        node["#text"] = text
    return node


def _own_text(element: Any) -> str:  # noqa: ANN401
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _inner(element: Any) -> str:  # noqa: ANN401
    """The markup inside an element, for a text that was not escaped."""
    parts = [element.text or ""]
    parts.extend(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return "".join(parts)
