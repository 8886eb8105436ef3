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


Scalar = str | Node | None
Ignored = Any
"""An element of which nothing is used, and nothing looked at."""
N = TypeVar("N", bound=Node)


@cache
def _shape(struct: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct] | None]:
    """The keys an element may have, each with the element (or Node, for a scalar) that it holds; None is ignored."""
    shapes: dict[str, type[msgspec.Struct] | None] = {}
    for field in msgspec.structs.fields(struct):
        if field.type is Ignored:
            shapes[field.encode_name] = None
            continue
        members = typing.get_args(field.type) or (field.type,)
        shapes[field.encode_name] = next(
            (one for one in members if isinstance(one, type) and issubclass(one, msgspec.Struct)), Node
        )
    return shapes


def tidied(tree: Any, struct: type[msgspec.Struct] | None, path: str, odd: list[Anomaly]) -> Any:  # noqa: ANN401
    """A tree that fits an element: without the keys that it does not know, and with strings for numbers.

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
    shapes = _shape(struct)
    for key in tree.keys() - shapes.keys():
        value = msgspec.json.encode(tree[key]).decode()
        odd.append(Anomaly("unknown_key", "warning", f"{path}.{key}".lstrip("."), value))
    return {
        key: tidied(value, shapes[key], f"{path}.{key}".lstrip("."), odd)
        for key, value in tree.items()
        if key in shapes
    }


def text(value: Scalar) -> str | None:
    """A scalar's text, None in each form of a missing one."""
    return value or None if isinstance(value, str) else None


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
