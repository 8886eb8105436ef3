"""An index gone on from is the index made anew."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.schema import tables
from etl.schema.arrow import arrow
from etl.search import merge
from etl.search.merge import merged
from etl.search.postings import postings, words_by_stem

KEY = (17, "QE", 3)
#: Words that share stems, little words, and what is cut in ways of its own.
WORDS = (
    "loi",
    "lois",
    "Loi",
    "l'été",
    "étés",
    "le",
    "12 000",
    "L. 123-4",
    "R&D",
    "sécurité",
    "sécurités",
    "œuvre",
    "à",
)
texts = st.one_of(st.none(), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
chunks = st.dictionaries(st.integers(1, 9), st.tuples(texts, texts, texts), max_size=7)


def questions(chunk: dict[int, tuple[str | None, ...]]) -> pa.Table:
    """Questions by number, of which only the index's texts are told."""
    rows = [
        {"question_number": number, "rubrique": heading, "question_text": asked, "answer_text": answered}
        for number, (heading, asked, answered) in sorted(chunk.items())
    ]
    return pa.Table.from_pylist(rows, schema=arrow(tables()["questions"]))


@given(chunks, chunks)
def test_it_is_the_same(was: dict[int, tuple[str | None, ...]], changed: dict[int, tuple[str | None, ...]]):
    before, after = questions(was), questions(was | changed)
    assert merged(postings(before, *KEY), before, after, changed.keys(), KEY).equals(postings(after, *KEY))


def test_an_answer_is_added_without_a_look_at_the_other_texts(monkeypatch: pytest.MonkeyPatch):
    was = questions({1: ("loi", "la loi", None), 2: ("été", "les étés", None)})
    now = questions({1: ("loi", "la loi", None), 2: ("été", "les étés", "sécurités")})
    cut: list[int] = []
    for how in (postings, words_by_stem):
        noted = lambda texts, *key, how=how: cut.append(len(texts)) or how(texts, *key)  # noqa: E731
        monkeypatch.setattr(merge, how.__name__, noted)
    assert merged(postings(was, *KEY), was, now, {2}, KEY).equals(postings(now, *KEY))
    assert cut == [1, 1]


def test_a_word_that_may_be_gone_from_all_texts():
    was = questions({1: ("loi", None, None), 2: ("lois", None, None)})
    now = questions({1: ("loi", None, None), 2: ("été", None, None)})
    index = merged(postings(was, *KEY), was, now, {2}, KEY)
    assert dict(zip(index["stem"].to_pylist(), index["words"].to_pylist(), strict=True)) == {
        "loi": ["loi"],
        "ete": ["ete"],
    }
