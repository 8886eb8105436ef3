"""Values as SQL has them come out of DuckDB as they went in."""

from __future__ import annotations

import math
from datetime import date

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from etl.schema.sql import value

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.dates(), TEXTS
)
CONNECTION = duckdb.connect()


def of(expression: str) -> object:
    [(found,)] = CONNECTION.execute(f"SELECT {expression}").fetchall()
    return found


@given(PLAIN)
def test_a_plain_value(given_: object):
    assert of(value(given_)) == given_


def test_what_is_no_number():
    assert math.isnan(of(value(math.nan)))


@given(st.lists(st.fixed_dictionaries({"number": st.integers(0, 99), "l'état": st.none() | TEXTS})))
def test_a_list_of_structs(rows: list[dict[str, object]]):
    assert of(value(rows)) == rows


def test_of_a_date_a_day():
    assert of(f"{value(date(2024, 2, 28))} + 1") == date(2024, 2, 29)
