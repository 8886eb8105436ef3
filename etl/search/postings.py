"""The full-text index of a chunk: which questions hold a word, how much it tells of them, and where it stands."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from etl.schema import tables
from etl.schema.arrow import arrow
from etl.search.words import words

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS = 3  # of a question: headings, question, answer
HEADING = 4  # times that a word of the headings counts
GAP = 16  # words between two fields, so that no phrase goes from one to the other
FULL = 100  # the weight that a word comes near to the more often it stands in a text
USUAL = 400  # words of a text of middle length, little ones not counted
ROW_GROUP = 128  # stems: the loader reads all chunks at once, some stems at a time
K, B = 1.2, 0.75  # of BM25: how soon a word that comes again tells nothing more, how much a long text takes away


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

    numbers = questions["question_number"].to_numpy()
    texts = _texts(questions)
    starts, pieces = _pieces(texts)
    encoded = pieces.dictionary_encode()
    told = [words(piece) for piece in encoded.dictionary.to_pylist()]
    forms: dict[str, set[str]] = {}
    for word in chain.from_iterable(told):
        if word.stem is not None:
            forms.setdefault(word.stem, set()).add(word.folded)
    stems = sorted(forms)
    number = {stem: place for place, stem in enumerate(stems)}
    # each piece's words stand one after the other in `known`; each occurrence of a piece is as many places in it
    known = np.array(
        [len(stems) if one.stem is None else number[one.stem] for one in chain.from_iterable(told)], np.int32
    )
    sizes = np.array([len(one) for one in told], np.int64)
    codes = encoded.indices.to_numpy()
    counts = sizes[codes]
    ends = np.concatenate(([0], np.cumsum(counts, dtype=np.int32)), dtype=np.int32)
    every = np.arange(ends[-1], dtype=np.int32)
    first_words = (np.cumsum(sizes) - sizes).astype(np.int32)
    stem = known[np.repeat(first_words[codes] - ends[:-1], counts) + every]
    fields = np.arange(len(texts), dtype=np.int32)
    starts = ends[starts]
    shift = GAP * (fields % FIELDS) - starts[fields - fields % FIELDS]
    tells = np.flatnonzero(stem < len(stems)).astype(np.int32)
    stem = stem[tells].astype(np.min_scalar_type(len(stems)))
    order = np.argsort(stem, kind="stable")
    stem, tells = stem[order].astype(np.int32), tells[order]
    field = np.repeat(fields, np.diff(starts))[tells]
    place = shift[field] + tells
    question, heading = np.divmod(field, FIELDS)
    # the first occurrence of each stem in each question
    first = np.flatnonzero((np.diff(stem, prepend=-1) != 0) | (np.diff(question, prepend=-1) != 0))
    often = np.add.reduceat(np.where(heading == 0, HEADING, 1), first) if len(first) else first
    lengths = np.bincount(question, minlength=len(questions))
    rows = np.searchsorted(stem[first], np.arange(len(stems) + 1))
    question = question[first]
    weight = FULL * often / (often + K * (1 - B + B * lengths[question] / USUAL))
    columns = {
        "legislature": pa.repeat(pa.scalar(legislature, pa.int16()), len(stems)),
        "question_type": pa.repeat(question_type, len(stems)),
        "chunk": pa.repeat(pa.scalar(chunk, pa.int32()), len(stems)),
        "stem": pa.array(stems, pa.string()),
        "words": pa.array([sorted(forms[one]) for one in stems], pa.list_(pa.string())),
        "numbers": _lists(rows, pa.array(numbers[question])),
        "weights": _lists(rows, pa.array(np.maximum(np.rint(weight), 1).astype(np.int32))),
        "places": _lists(rows, _lists(np.append(first, len(place)), pa.array(place))),
    }
    schema = arrow(tables()["search.postings"])
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)


_TEXTS = ("question_text", "answer_text")


def _texts(questions: pa.Table) -> pa.Array:
    """The fields of each question, one after the other."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [pa.array(_headings(questions), pa.string())]
    columns += [pc.fill_null(questions[name].combine_chunks(), "") for name in _TEXTS]
    order = np.arange(FIELDS * len(questions)).reshape(FIELDS, -1).T.ravel()
    return pa.concat_arrays(columns).take(pa.array(order))


def _pieces(texts: pa.Array) -> tuple[Any, pa.Array]:
    """Texts cut behind each space.

    Returns:
        Which piece each text begins with, and after the last how many there are; the pieces, in place.
    """
    import numpy as np
    import pyarrow as pa

    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int32)[: len(texts) + 1]
    letters = np.frombuffer(data, np.uint8)[: limits[-1]] if data else np.empty(0, np.uint8)
    is_cut = np.zeros(len(letters) + 1, bool)
    is_cut[1:] = letters == ord(" ")
    is_cut[limits] = True
    begins = np.flatnonzero(is_cut).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(begins) - 1, pa.py_buffer(begins), data)
    return np.searchsorted(begins, limits), pieces


def _headings(questions: pa.Table) -> list[str]:
    columns = (questions[name].to_pylist() for name in ("rubrique", "tete_analyse", "analyses", "title"))
    return [
        " ".join(dict.fromkeys(one for one in (rubrique, tete, *(analyses or ()), title) if one))
        for rubrique, tete, analyses, title in zip(*columns, strict=True)
    ]


def _lists(offsets: Any, values: pa.Array) -> pa.ListArray:  # noqa: ANN401
    import numpy as np
    import pyarrow as pa

    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
