"""Texts' passages, by which those that say the same are known: what stands between two punctuation marks."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SHORTEST = 40  # characters: less is a turn of phrase, not a passage
_MARKS = r"[^\pL\pN_' -]+"
_LENGTH = 10  # bits


def passages(texts: Sequence[str] | pa.Array) -> list[list[int]]:
    """By text, a number for each passage, in order and each once: 53 bits of its hash, then its length in 10 bits.

    The length is 1,023 at most. Letters count without case, and spaces, signs and punctuation not at all.

    Args:
        texts: Markdown; a chunk's together, for Arrow cuts them in a quarter of the time that Python takes.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.utf8_lower(pc.replace_substring(pa.array(texts, pa.string()), "’", "'"))
    cut = pc.split_pattern_regex(plain, _MARKS)
    trimmed, parents = pc.utf8_trim(cut.flatten(), " "), pc.list_parent_indices(cut)
    lengths = pc.utf8_length(trimmed)
    is_long = pc.greater_equal(lengths, SHORTEST)
    encoded = trimmed.filter(is_long).dictionary_encode()
    hashes = np.array([_hash(passage) for passage in encoded.dictionary.to_pylist()], np.int64)
    short = np.minimum(lengths.filter(is_long).to_numpy(), (1 << _LENGTH) - 1)
    numbers = (hashes[encoded.indices.to_numpy()] << _LENGTH | short).tolist()
    limits = np.searchsorted(parents.filter(is_long).to_numpy(), np.arange(len(texts) + 1)).tolist()
    return [list(dict.fromkeys(numbers[begin:end])) for begin, end in pairwise(limits)]


def _hash(passage: str) -> int:
    return int.from_bytes(blake2b(passage.encode(), digest_size=8).digest(), "big") >> 11
