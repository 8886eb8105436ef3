"""The index of a chunk of which some questions changed, made from the one that it had."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from etl.search.postings import postings, table, words_by_stem

if TYPE_CHECKING:
    import pyarrow as pa

    from etl.search.postings import Array

_LISTS = ("numbers", "weights", "places")


def merged(
    index: pa.Table, was: pa.Table, questions: pa.Table, changed: Collection[int], key: tuple[int, str, int]
) -> pa.Table:
    """Builds the index of a chunk as `postings` does, but cuts only the texts of the questions that changed.

    Args:
        index: the one that the chunk had.
        was: the questions that it was made of.
        questions: the chunk's questions now, by number.
        changed: the numbers of those that are new or changed.
        key: legislature, type and number of the chunk.

    Returns:
        Rows of `search.postings`, by stem.
    """
    now = postings(_of(changed, questions), *key)
    rest = _without(index, changed, key)
    if _may_have_lost_a_word(rest, words_by_stem(_of(changed, was)), now):
        return postings(questions, *key)
    return _joined(rest, now, key)


def _of(numbers: Collection[int], questions: pa.Table) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return questions.filter(pc.is_in(questions["question_number"], pa.array(numbers, pa.int32())))


def _without(index: pa.Table, numbers: Collection[int], key: tuple[int, str, int]) -> pa.Table:
    """The index without these questions, and without the stems that no other has."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    stays = pc.invert(pc.is_in(_items(index, "numbers"), pa.array(numbers, pa.int32())))
    sizes = np.bincount(_rows(index)[stays.to_numpy(zero_copy_only=False)], minlength=len(index))
    stems, words = (index[name].combine_chunks().filter(pa.array(sizes > 0)) for name in ("stem", "words"))
    return table(
        key,
        stems,
        words,
        _starts(sizes),
        **{name: _items(index, name).filter(stays) for name in _LISTS},
    )


def _may_have_lost_a_word(rest: pa.Table, then: dict[str, set[str]], now: pa.Table) -> bool:
    """Whether a word left a question, and it cannot be seen whether another has it: another has its stem."""
    has_now = dict(zip(now["stem"].to_pylist(), now["words"].to_pylist(), strict=True))
    lost = [stem for stem, words in then.items() if not words <= set(has_now.get(stem, ()))]
    return not set(rest["stem"].to_pylist()).isdisjoint(lost)


def _joined(rest: pa.Table, now: pa.Table, key: tuple[int, str, int]) -> pa.Table:
    """The index of two indexes of different questions."""
    import numpy as np
    import pyarrow as pa

    words: dict[str, list[str]] = {}
    for side in (rest, now):
        for stem, forms in zip(side["stem"].to_pylist(), side["words"].to_pylist(), strict=True):
            words[stem] = sorted({*words[stem], *forms}) if stem in words else forms
    stems = sorted(words)
    place = {stem: at for at, stem in enumerate(stems)}
    rows = np.concatenate(
        [np.array([place[stem] for stem in side["stem"].to_pylist()], np.int64)[_rows(side)] for side in (rest, now)]
    )
    items = {name: pa.concat_arrays([_items(side, name) for side in (rest, now)]) for name in _LISTS}
    order = np.argsort(rows << 32 | items["numbers"].to_numpy(), kind="stable")
    return table(
        key,
        pa.array(stems, pa.string()),
        pa.array([words[stem] for stem in stems], pa.list_(pa.string())),
        _starts(np.bincount(rows, minlength=len(stems))),
        **{name: values.take(pa.array(order)) for name, values in items.items()},
    )


def _items(index: pa.Table, name: str) -> pa.Array:
    """The items of a column of lists, a row's after the other's."""
    return index[name].combine_chunks().flatten()


def _rows(index: pa.Table) -> Array:
    """By item, the row that it is in."""
    import pyarrow.compute as pc

    rows: Array = pc.list_parent_indices(index["numbers"].combine_chunks()).to_numpy()
    return rows


def _starts(sizes: Array) -> Array:
    """Which item each row begins with, and after the last how many there are; of the rows that have any."""
    import numpy as np

    return np.concatenate(([0], np.cumsum(sizes[sizes > 0])))
