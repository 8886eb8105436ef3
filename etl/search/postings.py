"""The full-text index of a chunk: by stem, the questions that have it, its weight and its places in each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from etl.schema import tables
from etl.schema.arrow import arrow
from etl.search.words import Word, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Array: TypeAlias = npt.NDArray[np.integer[Any]]

POSTINGS = "search.postings"
FIELDS = 3  # of a question: headings, question, answer
HEADING = 4  # a word of the headings counts as so many
GAP = 16  # words between two fields, so that no phrase spans them
FULL = 100  # the greatest weight
USUAL = 400  # words of a usual question, little words not counted
ROW_GROUP = 128  # stems: the loader reads all chunks together, some stems at a time
K, B = 1.2, 0.75  # of BM25: what repetition adds, and what length takes away


class _Occurrences(NamedTuple):
    """Words of the texts, each an item of these arrays.

    Attributes:
        stem: its number among the stems.
        place: where it stands in its question, counted in words, with GAP between two fields.
        field: the text: three a question, one after the other.
    """

    stem: Array
    place: Array
    field: Array


def postings(questions: pa.Table, legislature: int, question_type: str, chunk: int) -> pa.Table:
    """Builds the index of a chunk.

    Args:
        questions: the chunk's questions, by number.
        legislature: of the chunk.
        question_type: of the chunk.
        chunk: which one.

    Returns:
        Rows of `search.postings`, by stem.
    """
    import numpy as np
    import pyarrow as pa

    texts = _texts(questions)
    starts, pieces = _pieces(texts)
    encoded = pieces.dictionary_encode()
    cut = list(map(words, encoded.dictionary.to_pylist()))
    forms = _forms(cut)
    stems = sorted(forms)
    stem, place, field = _occurrences(cut, encoded.indices.to_numpy(), starts, stems)
    question, kind = np.divmod(field, FIELDS)
    is_first = np.ones(len(stem), bool)  # of a stem's words in a question
    is_first[1:] = (stem[1:] != stem[:-1]) | (question[1:] != question[:-1])
    first = np.flatnonzero(is_first)
    rows = np.searchsorted(stem[first], np.arange(len(stems) + 1))
    weights = _weights(kind, first, question, len(questions))
    return table(
        (legislature, question_type, chunk),
        pa.array(stems, pa.string()),
        pa.array([sorted(forms[name]) for name in stems], pa.list_(pa.string())),
        rows,
        numbers=pa.array(questions["question_number"].to_numpy()[question[first]]),
        weights=pa.array(weights),
        places=lists(np.append(first, len(place)), pa.array(place)),
    )


def words_by_stem(questions: pa.Table) -> dict[str, set[str]]:
    """What an index of these questions has as `stem` and `words`."""
    _, pieces = _pieces(_texts(questions))
    return _forms(list(map(words, pieces.unique().to_pylist())))


def table(key: tuple[int, str, int], stems: pa.Array, words: pa.Array, rows: Array, **postings: pa.Array) -> pa.Table:
    """Rows of `search.postings`.

    Args:
        key: legislature, type and number of the chunk.
        stems: of each row.
        words: of each row.
        rows: which item of the postings each row begins with, and after the last how many there are.
        postings: the columns `numbers`, `weights` and `places`, a question of a row after the other.
    """
    import pyarrow as pa

    legislature, question_type, chunk = key
    columns = {
        "legislature": pa.repeat(pa.scalar(legislature, pa.int16()), len(stems)),
        "question_type": pa.repeat(question_type, len(stems)),
        "chunk": pa.repeat(pa.scalar(chunk, pa.int32()), len(stems)),
        "stem": stems,
        "words": words,
        **{name: lists(rows, values) for name, values in postings.items()},
    }
    schema = arrow(tables()[POSTINGS])
    return pa.table([columns[column.name].cast(column.type) for column in schema], schema=schema)


def _forms(cut: Sequence[Sequence[Word]]) -> dict[str, set[str]]:
    """By stem, the words that have it."""
    forms: dict[str, set[str]] = {}
    for word in set(chain.from_iterable(cut)):
        if word.stem is not None:
            forms.setdefault(word.stem, set()).add(word.folded)
    return forms


def _occurrences(cut: Sequence[Sequence[Word]], pieces: Array, starts: Array, stems: Sequence[str]) -> _Occurrences:
    """The words that have a stem, by stem, then as they stand in the texts.

    Args:
        cut: the words of each different piece.
        pieces: the texts, one after the other: which piece stands there.
        starts: which item of `pieces` each text begins with, and after the last how many there are.
        stems: all of them, in order.
    """
    import numpy as np

    number = {stem: place for place, stem in enumerate(stems)} | {None: len(stems)}
    # the words of all different pieces, one after the other; a piece is a stretch of these wherever it stands
    known = np.array([number[word.stem] for word in chain.from_iterable(cut)], np.int32)
    sizes = np.array([len(piece) for piece in cut], np.int64)
    counts = sizes[pieces]
    ends = np.concatenate(([0], np.cumsum(counts, dtype=np.int32)), dtype=np.int32)
    begins = (np.cumsum(sizes) - sizes).astype(np.int32)
    stem = known[np.repeat(begins[pieces] - ends[:-1], counts) + np.arange(ends[-1], dtype=np.int32)]
    kept = np.flatnonzero(stem < len(stems)).astype(np.int32)
    stem = stem[kept].astype(np.min_scalar_type(len(stems)))
    order = np.argsort(stem, kind="stable")
    stem, kept = stem[order].astype(np.int32), kept[order]
    fields = np.arange(len(starts) - 1, dtype=np.int32)
    starts = ends[starts]
    field = np.repeat(fields, np.diff(starts))[kept]
    shift = GAP * (fields % FIELDS) - starts[fields - fields % FIELDS]
    return _Occurrences(stem, shift[field] + kept, field)


def _weights(kind: Array, first: Array, question: Array, questions: int) -> Array:
    """How much each stem tells of a question: BM25 without the stem's rarity, which all chunks make.

    Args:
        kind: by occurrence, the field of its question that it is in; 0 for the headings.
        first: the first occurrence of each stem in each question.
        question: by occurrence, the question's place in the chunk.
        questions: how many there are.
    """
    import numpy as np

    often = np.add.reduceat(np.where(kind == 0, HEADING, 1), first) if len(first) else first
    by_length = K * (1 - B + B * np.bincount(question, minlength=questions) / USUAL)
    weight = FULL * often / (often + by_length[question[first]])
    return np.maximum(np.rint(weight), 1).astype(np.int32)


_TEXTS = ("question_text", "answer_text")
#: What a byte of a text is: a sign that no word has inside, a space, a digit, what a space and digits may follow.
_SIGN, _SPACE, _DIGIT, _BEFORE_DIGITS = 1, 2, 4, 8
_KINDS = bytes(
    _SIGN * (byte in b"\n!\"#$%'()*+,/:;<=>?@[\\]^_`{|}~")
    | _SPACE * (byte in b" ")
    | _DIGIT * (byte in b"0123456789")
    | _BEFORE_DIGITS * (byte in b"0123456789.lrdLRD")
    for byte in range(256)
)


def _texts(questions: pa.Table) -> pa.Array:
    """The fields of each question, one after the other."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [pa.array(_headings(questions), pa.string())]
    columns += [pc.fill_null(questions[name].combine_chunks(), "") for name in _TEXTS]
    order = np.arange(FIELDS * len(questions)).reshape(FIELDS, -1).T.ravel()
    return pa.concat_arrays(columns).take(pa.array(order))


def _pieces(texts: pa.Array) -> tuple[Array, pa.Array]:
    """Texts cut behind each space and about each sign, but for those that may be inside a word: 12 000, L. 123-4, R&D.

    Returns:
        Which piece each text begins with, and after the last how many there are; the pieces, in place.
    """
    import numpy as np
    import pyarrow as pa

    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int32)[: len(texts) + 1]
    kinds = np.frombuffer(data.to_pybytes()[: limits[-1]].translate(_KINDS) if data else b"", np.uint8)
    is_cut = np.zeros(len(kinds) + 1, bool)
    is_cut[1:] = kinds & (_SIGN | _SPACE)
    digits = np.flatnonzero(kinds[2:] & _DIGIT > 0) + 2
    is_cut[digits] &= (kinds[digits - 1] != _SPACE) | (kinds[digits - 2] & _BEFORE_DIGITS == 0)
    is_cut[:-1] |= kinds & _SIGN > 0
    is_cut[limits] = True
    begins = np.flatnonzero(is_cut).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(begins) - 1, pa.py_buffer(begins), data)
    return np.searchsorted(begins, limits), pieces


def _headings(questions: pa.Table) -> list[str]:
    """By question, its different headings in one text."""
    columns = (questions[name].to_pylist() for name in ("rubrique", "tete_analyse", "analyses", "title"))
    return [
        " ".join(dict.fromkeys(heading for heading in (rubrique, tete, *(analyses or ()), title) if heading))
        for rubrique, tete, analyses, title in zip(*columns, strict=True)
    ]


def lists(offsets: Array, values: pa.Array) -> pa.ListArray:
    """Values as lists, each from an offset to the next."""
    import numpy as np
    import pyarrow as pa

    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
