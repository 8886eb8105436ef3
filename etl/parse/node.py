"""The Assembly's JSON, which is made from XML: elements, the ways to leave a value out, and unexpected keys."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any, TypeVar

import msgspec

from etl.parse.record import Anomaly, RecordError, unknown_key

#: XML's own attributes, which any element may have, by the names that they have here; none is used.
ATTRIBUTES = {"nil": "@xsi:nil", "xmlns": "@xmlns", "xsi": "@xmlns:xsi", "kind": "@xsi:type"}
_OF_XML = ("@xmlns:", "@xsi:", "@xml:")
"""What XML itself may put on any element besides: prefixes, where its schema is, its language; none is used."""
SPACES = " \t\r\n"
"""What XML counts as space, and puts around a text to lay it out."""
_NOTHING = ("", "null")
"""Texts that say that there is none."""
Ignored = Any
"""An element of which nothing is used, and nothing looked at."""


class Node(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename=ATTRIBUTES):
    """An element of the source; empty when it has nothing but XML's own attributes."""

    nil: Ignored = None
    xmlns: Ignored = None
    xsi: Ignored = None
    kind: Ignored = None


class Value(Node, rename={**ATTRIBUTES, "value": "#text"}):
    """A text that has attributes."""

    value: str | None = None


Scalar = str | Value | None
N = TypeVar("N", bound=Node)


class _Shape(typing.NamedTuple):
    """What a key may hold.

    Attributes:
        struct: the element, or Node for an attribute's text; None is ignored.
        many: whether there may be several.
    """

    struct: type[msgspec.Struct] | None
    many: bool


@cache
def _shapes(struct: type[msgspec.Struct]) -> dict[str, _Shape]:
    """The keys an element may have."""
    shapes: dict[str, _Shape] = {}
    for field in msgspec.structs.fields(struct):
        members = typing.get_args(field.type) or (field.type,)
        structs = (member for member in members if isinstance(member, type) and issubclass(member, msgspec.Struct))
        many = any(typing.get_origin(member) is list for member in members)
        shapes[field.encode_name] = _Shape(None if field.type is Ignored else next(structs, Node), many)
    return shapes


def tidied(tree: Any, struct: type[msgspec.Struct] | None, path: str, odd: list[Anomaly]) -> Any:  # noqa: ANN401
    """Makes a tree fit an element: no unknown key, a string for a number, an item for a list of one.

    Args:
        tree: as JSON has it.
        struct: the element; None when nothing of it is used.
        path: of the tree, for anomalies.
        odd: an anomaly is added for each key that had to go, but XML's own, and each number.
    """
    if struct is None:
        return None
    if isinstance(tree, list):
        return [tidied(item, struct, path, odd) for item in tree]
    if isinstance(tree, bool | int | float):
        number = msgspec.json.encode(tree).decode()
        odd.append(Anomaly("number_for_string", "warning", path, number))
        return number
    if not isinstance(tree, dict):
        return tree
    shapes = _shapes(struct)
    fitting: dict[str, Any] = {}
    for key, value in tree.items():
        where = f"{path}.{key}".lstrip(".")
        if key not in shapes:
            if not key.startswith(_OF_XML):
                odd.append(unknown_key(where, msgspec.json.encode(value).decode()))
            continue
        is_alone = isinstance(value, list) and not shapes[key].many and len(value) < 2
        fitting[key] = tidied(next(iter(value), None) if is_alone else value, shapes[key].struct, where, odd)
    return fitting


def text(value: Scalar) -> str | None:
    """A scalar's text without the space around it, None in each form of a missing one."""
    written = value.value if isinstance(value, Value) else value
    written = written.strip(SPACES) if written else ""
    return None if written in _NOTHING else written


def node(value: N | str | None, what: str) -> N | None:
    """An element, None when it is missing.

    Raises:
        RecordError: it is a text.
    """
    if not isinstance(value, str):
        return value
    if value.strip() not in _NOTHING:
        raise RecordError("shape", f"{what} is a text ({value[:60]!r}), an element was expected")
    return None


def nodes(value: N | list[N | None] | list[N] | str | None, what: str) -> list[N]:
    """A repeatable element as a list, without those that are missing.

    Raises:
        RecordError: it is a text.
    """
    elements = value if isinstance(value, list) else [node(value, what)]
    return [element for element in elements if element and not _is_missing(element)]


def _is_missing(value: Any) -> bool:  # noqa: ANN401
    """Whether it says nothing: {}, {"@xsi:nil": "true"}, or an element whose elements are all missing."""
    if not isinstance(value, Node):
        return value.strip(SPACES) in _NOTHING if isinstance(value, str) else not value
    return all(_is_missing(getattr(value, name)) for name in _used(type(value)))


@cache
def _used(struct: type[msgspec.Struct]) -> list[str]:
    """The fields of an element but those that are ignored."""
    return [field.name for field in msgspec.structs.fields(struct) if field.type is not Ignored]
