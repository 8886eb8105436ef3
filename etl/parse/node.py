"""The Assembly's JSON, made from XML: its elements, the ways it leaves a value out, and what nobody expected in it."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any, TypeVar

import msgspec

from etl.parse.record import Anomaly, RecordError


class Node(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename={"nil": "@xsi:nil"}):
    """An element of the source; empty when every field is None."""

    nil: str | None = None


class Value(Node, rename={"nil": "@xsi:nil", "said": "#text"}):
    """A text that has attributes."""

    said: str | None = None


Scalar = str | Value | None
Ignored = Any
"""An element of which nothing is used, and nothing looked at."""
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
        held = next((one for one in members if isinstance(one, type) and issubclass(one, msgspec.Struct)), Node)
        many = any(typing.get_origin(one) is list for one in members)
        shapes[field.encode_name] = _Shape(None if field.type is Ignored else held, many)
    return shapes


def tidied(tree: Any, struct: type[msgspec.Struct] | None, path: str, odd: list[Anomaly]) -> Any:  # noqa: ANN401
    """A tree that fits an element: without the keys that it does not know, strings for numbers, one for a list of one.

    Args:
        tree: as JSON has it.
        struct: the element; None when nothing of it is used.
        path: of the tree, for anomalies.
        odd: what had to go or to change is added to it.
    """
    if struct is None:
        return None
    if isinstance(tree, list):
        return [tidied(one, struct, path, odd) for one in tree]
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
            odd.append(Anomaly("unknown_key", "warning", where, msgspec.json.encode(value).decode()))
            continue
        alone = isinstance(value, list) and not shapes[key].many and len(value) < 2  # one in a list, or none
        fitting[key] = tidied(next(iter(value), None) if alone else value, shapes[key].struct, where, odd)
    return fitting


def text(value: Scalar) -> str | None:
    """A scalar's text, None in each form of a missing one."""
    said = value.said if isinstance(value, Value) else value
    return said or None


def node(value: N | str | None, what: str) -> N | None:
    """An element, None when it is missing.

    Raises:
        RecordError: it is a text.
    """
    if not isinstance(value, str):
        return value
    if value.strip():
        raise RecordError("shape", f"{what} is a text ({value[:60]!r}), an element was expected")
    return None


def nodes(value: N | list[N | None] | list[N] | str | None, what: str) -> list[N]:
    """A repeatable element as a list, without those that are missing.

    Raises:
        RecordError: it is a text.
    """
    found = value if isinstance(value, list) else [node(value, what)]
    # null, {} and {"@xsi:nil": "true"} are elements that are not there
    return [one for one in found if one and any(getattr(one, name) for name in one.__struct_fields__ if name != "nil")]
