"""A question's key packed in one number, so that it sorts and joins as fast as a number does."""

from __future__ import annotations

from etl.schema.model import KEY, tables

_COLUMNS = {column.name: column for column in tables()["questions"].columns if column.name in KEY}
_TYPES: list[str] = _COLUMNS["question_type"].constraints["enum"]
#: The largest number that a question may have, as schemas/questions.yaml declares it.
LARGEST_NUMBER: int = _COLUMNS["question_number"].constraints["maximum"]
_NUMBER_BITS = LARGEST_NUMBER.bit_length()
_TYPE_BITS = len(_TYPES).bit_length()
_LEGISLATURE_BITS = 6
#: How many bits a packed key has.
BITS = _LEGISLATURE_BITS + _TYPE_BITS + _NUMBER_BITS


def packed(legislature: str, question_type: str, number: str) -> str:
    """The key as a number of BITS bits that sorts as the key does; from and to SQL expressions."""
    kind = f"list_position({_TYPES}, {question_type}) - 1"
    return f"((CAST({legislature} AS BIGINT) << {_TYPE_BITS + _NUMBER_BITS}) + (({kind}) << {_NUMBER_BITS}) + {number})"


def unpacked(key: str) -> tuple[str, str, str]:
    """Legislature, type and number of a packed key that may have more in front; from and to SQL expressions."""
    return (
        f"CAST({key} >> {_TYPE_BITS + _NUMBER_BITS} & {(1 << _LEGISLATURE_BITS) - 1} AS SMALLINT)",
        f"{_TYPES}[1 + ({key} >> {_NUMBER_BITS} & {(1 << _TYPE_BITS) - 1})]",
        f"CAST({key} & {(1 << _NUMBER_BITS) - 1} AS INTEGER)",
    )
