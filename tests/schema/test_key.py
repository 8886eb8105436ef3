"""A key in one number: back again, in the key's order, and no number that does not fit."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from etl.catalogue import archives
from etl.schema.key import BITS, LARGEST_NUMBER, packed, unpacked

TYPES = sorted({archive.question_type for archive in archives()})
KEYS = st.tuples(st.integers(7, 60), st.sampled_from(TYPES), st.integers(1, LARGEST_NUMBER))
LAST = (60, TYPES[-1], LARGEST_NUMBER)


@given(st.lists(KEYS, min_size=1).map(lambda keys: [*keys, LAST]))
def test_packed_keys_are_unpacked_as_they_were_and_sort_as_keys_do(keys):
    rows = ", ".join(f"({legislature}, '{kind}', {number})" for legislature, kind, number in keys)
    columns = ", ".join(unpacked("key"))
    query = f"SELECT key, {columns} FROM (SELECT {packed('a', 'b', 'c')} AS key FROM (VALUES {rows}) AS _(a, b, c)) ORDER BY 1"
    found = duckdb.sql(query).fetchall()
    assert [tuple(row[1:]) for row in found] == sorted(keys)
    assert max(row[0] for row in found) < 1 << BITS


def test_the_largest_number_is_far_from_those_known():
    assert LARGEST_NUMBER > 5 * 138_369  # the highest known is 132,810 (docs/source/formats.md 8)
