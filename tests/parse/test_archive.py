"""Records found in zips and in the XIV's one document, whole and broken."""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import SourceError
from etl.parse import archive, bulk_json
from etl.parse.archive import Contents, contents, read
from etl.parse.bulk import MAX_BROKEN, MAX_RECORD
from etl.parse.record import Anomaly, Entry, RecordError
from tests.archives import document as written
from tests.archives import name_of, question, unit, zip_of

QUESTIONS = [question(14, "QE", number) for number in range(1, 31)]
RECORDS = [json.dumps(one).encode() for one in QUESTIONS]
HEAD, END = b'{"questionsEcrites": {"question": [', b"]}}"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("archives")


def found(folder: Path, content: bytes) -> tuple[Contents, list[bytes]]:
    """What a zip holds, and the bytes of its records."""
    path = folder / "a.zip"
    path.write_bytes(content)
    inside = contents(path, "14/QE", folder / "a.document", "json")
    with inside.path.open("rb") as file:
        return inside, [read(file, entry) for entry in inside.entries]


def cut(folder: Path, raw: bytes, **how: bool) -> list[bytes]:
    inside, records = found(folder, zip_of({"Questions_ecrites_XIV.json": raw}, **how))
    assert inside.item
    return records


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        found(folder, content)
    return str(caught.value)


def broken_document(*records: bytes) -> bytes:
    return HEAD + b", ".join(records) + END


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("window", [1, 7, 64, 1000, 4 << 20])
def test_records_that_straddle_windows(folder, window, stored):
    with patch.object(archive, "WINDOW", window):
        assert cut(folder, written(*QUESTIONS[:8]), stored=stored) == RECORDS[:8]


@pytest.mark.parametrize(
    "raw",
    [
        written(*QUESTIONS[:3], indent=4),
        written(*QUESTIONS[:3], indent="\t", separators=(" , ", " : ")),
        written(*QUESTIONS[:3], separators=(",", ":")).replace(b",{", b"\r\n,\r\n{"),
        b"\xef\xbb\xbf" + written(*QUESTIONS[:3]),
        b"\n  " + written(*QUESTIONS[:3]) + b"\n\n",
        written(*[dict(sorted(one.items(), reverse=number == 1)) for number, one in enumerate(QUESTIONS[:3])]),
        written(*QUESTIONS[:3]).replace(b'{"questionsEcrites": {', b'{"@xmlns": "x", "questionsEcrites": {"@n": 3, '),
    ],
    ids=["indented", "tabbed", "crlf", "bom", "margins", "key order", "attributes"],
)
def test_styles_of_a_document(folder, raw):
    inside, records = found(folder, zip_of({"Q.json": raw}))
    assert [json.loads(one) for one in records] == QUESTIONS[:3]
    assert [entry.number for entry in inside.entries] == [1, 2, 3]
    assert inside.odd == []


def test_a_document_of_one_question_has_an_object_where_others_have_a_list(folder):
    raw = json.dumps({"questionsGvt": {"question": QUESTIONS[0]}}).encode()
    for window in (1, 4 << 20):
        with patch.object(archive, "WINDOW", window):
            assert cut(folder, raw) == [RECORDS[0]]


def test_what_else_a_document_holds_is_told(folder):
    raw = HEAD + RECORDS[0] + b'], "total": 1, "@date": "2018"}, "version": {"a": "]}}"}}'
    inside, records = found(folder, zip_of({"Q.json": raw, "LISEZMOI.txt": b"..."}))
    assert records == [RECORDS[0]]
    assert inside.odd == [
        Anomaly("unexpected_member", "warning", "member", "LISEZMOI.txt"),
        Anomaly("unknown_key", "warning", "questionsEcrites.total", None),
        Anomaly("unknown_key", "warning", "version.a", None),
    ]


def test_an_empty_document_has_no_records(folder):
    assert cut(folder, HEAD + END) == []


TRICKY = [
    '{"uid": "',
    '"}, {"uid": "x',
    "\\",
    '\\"',
    '\\\\"}]}}',
    "]}}",
    '{"question": [',
    '"numero": "9"',
    "\u2028\U0001f600",
    "}, {",
]


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("window", [5, 4 << 20])
def test_texts_that_look_like_structure(folder, text, window):
    nodes = [
        question(14, "QE", number, question_text=text.replace("{", "{{").replace("}", "}}")) for number in (1, 2, 3)
    ]
    with patch.object(archive, "WINDOW", window):
        inside, records = found(folder, zip_of({"Q.json": written(*nodes)}))
    assert [json.loads(one) for one in records] == nodes
    assert [entry.number for entry in inside.entries] == [1, 2, 3]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(TRICKY),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=8,
)
STYLES = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, None, 0, 1, "\t"]),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]),
    }
)


@given(
    st.lists(st.dictionaries(st.text(max_size=4) | st.sampled_from(TRICKY), JSON, max_size=4), min_size=1, max_size=6),
    STYLES,
    st.integers(1, 80),
)
def test_any_objects_in_any_style_are_cut_as_they_are(folder, objects, style, window):
    raw = json.dumps({"questionsEcrites": {"question": objects}}, **style).encode("utf-8", "surrogatepass")
    with patch.object(archive, "WINDOW", window):
        records = cut(folder, raw)
    assert [json.loads(one) for one in records] == objects
    assert not any(one.strip() != one for one in records)


BREAK = {
    "no closing brace": lambda one: one[:-1],
    "a brace too many": lambda one: one + b"}",
    "a quote lost": lambda one: one.replace(b'"QE"', b'"QE', 1),
    "cut short": lambda one: one[:300],
    "cut in a string": lambda one: one[: one.index(b"eme Republique")],
    "a comma lost": lambda one: one.replace(b", ", b" ", 1),
    "closed by a bracket": lambda one: one[:-1] + b"]",
}


@pytest.mark.parametrize("window", [100, 4 << 20])
@pytest.mark.parametrize("place", [0, 14, 29])
@pytest.mark.parametrize("how", BREAK)
def test_a_broken_record_is_one_record_and_the_others_are_found(folder, how, place, window):
    records = list(RECORDS)
    records[place] = BREAK[how](records[place])
    with patch.object(archive, "WINDOW", window):
        assert cut(folder, broken_document(*records)) == records


@pytest.mark.parametrize("window", [1, 100, 4 << 20])
@pytest.mark.parametrize("place", [0, 1, 15, 30])
@pytest.mark.parametrize("other", [b"null", b'"du texte, {"', b"12", b"true"])
def test_what_is_no_object_among_the_questions_is_a_record_that_is_none(folder, place, window, other):
    records = [*RECORDS[:place], other, *RECORDS[place:]]
    with patch.object(archive, "WINDOW", window):
        assert cut(folder, broken_document(*records)) == records
    assert cut(folder, broken_document(b"null", b"null")) == [b"null", b"null"]


@pytest.mark.parametrize(
    "more", [b'], "question": [%b]}}', b']}, "autres": {"question" : [%b]}}', b'], "question": %b}}']
)
def test_a_second_list_of_questions_is_refused(folder, more):
    raw = HEAD + RECORDS[0] + more % RECORDS[1]
    assert "a second list of questions" in refusal(folder, zip_of({"Q.json": raw}))
    raw = HEAD[:-1] + RECORDS[0] + more.removeprefix(b"]") % RECORDS[1]
    assert "a second list of questions" in refusal(folder, zip_of({"Q.json": raw}))


def test_several_broken_records(folder):
    records = [one[:-1] if number % 3 == 0 else one for number, one in enumerate(RECORDS)]
    assert cut(folder, broken_document(*records)) == records


@given(st.integers(len(HEAD), len(broken_document(*RECORDS)) - 1))
def test_a_document_cut_short_anywhere_is_refused(folder, end):
    message = refusal(folder, zip_of({"Q.json": broken_document(*RECORDS)[:end]}))
    assert message.startswith("14/QE: Q.json ")
    assert "raw/" in message or "--force" in message


@pytest.mark.parametrize("more", [b"x", b"{}", b"]", b"\0", broken_document(*RECORDS[:1])])
def test_a_document_that_goes_on_after_its_end_is_refused(folder, more):
    assert "goes on after it" in refusal(folder, zip_of({"Q.json": broken_document(*RECORDS) + more}))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"questionsEcrites": []}',
        b'{"a": {"b": [{}]}}',
        HEAD.decode().encode("utf-16"),
        b"x" * 5_000_000,
    ],
    ids=range(8),
)
def test_a_document_of_something_else_is_refused(folder, raw):
    message = refusal(folder, zip_of({"Q.json": raw}))
    assert message.startswith("14/QE: Q.json is not a document of questions, it begins with ")
    assert len(message) < 500


def test_damage_to_the_zip_of_a_document_is_named(folder):
    whole = zip_of({"Q.json": broken_document(*RECORDS)}, stored=True)
    assert "Q.json has not the length or CRC-32" in refusal(folder, whole.replace(b"Republique", b"republique", 1))
    packed = bytearray(zip_of({"Q.json": broken_document(*RECORDS)}))
    packed[36:60] = bytes(24)
    with pytest.raises(RecordError, match="cannot be inflated"):
        found(folder, bytes(packed))


# -- a file a question


def units(count: int) -> dict[str, bytes]:
    return {name_of(one): unit(one) for one in (question(17, "QE", number) for number in range(1, count + 1))}


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_members_are_records(folder, count, stored):
    members = units(count)
    inside, records = found(folder, zip_of({"json/": b"", **members}, stored=stored))
    assert not inside.item
    assert records == list(members.values())
    assert [(entry.member, entry.number) for entry in inside.entries] == list(
        zip(members, range(1, count + 1), strict=True)
    )
    assert inside.odd == []


def test_a_member_whose_name_has_no_number_is_looked_into(folder):
    members = {
        "json/a.json": unit(question(17, "QE", 5)),
        "json/b.JSON": unit(question(17, "QE", 6)).replace(b'"6"', b"6"),
        "json/c.json": b"{}",
        "json/QANR5L17QE0.json": unit(question(17, "QE", 7)),
        "json/d.json": unit(question(17, "QE", 8)).replace(b'"8"', b'{"@xsi:type": "x", "#text": "8"}'),
        "json/e.json": unit(question(17, "QE", 9)).replace(b'"9"', b'" 9 "'),
    }
    inside, _ = found(folder, zip_of(members))
    assert [entry.number for entry in inside.entries] == [5, 6, None, 7, 8, 9]


def test_a_document_that_is_most_of_an_archive_is_alone_in_it(folder):
    members = {"Q.json": written(*QUESTIONS), "json/QANR5L14QE31.json": unit(question(14, "QE", 31))}
    assert "Q.json is a document of many questions, and not the archive's only" in refusal(folder, zip_of(members))
    inside, records = found(folder, zip_of({**units(40), "Q.json": written(*QUESTIONS)}))
    assert (inside.item, len(records)) == (False, 41)


def test_other_members_are_told(folder):
    inside, records = found(folder, zip_of({**units(2), "LISEZMOI.txt": b"..."}))
    assert len(records) == 2
    assert inside.odd == [Anomaly("unexpected_member", "warning", "member", "LISEZMOI.txt")]


@pytest.mark.parametrize("raw", [written(question(14, "QE", 7)), unit(question(17, "QE", 7))], ids=["document", "unit"])
def test_what_macos_puts_beside_a_member_is_told_and_is_no_record(folder, raw):
    hidden = ["__MACOSX/json/._QANR5L17QE7.json", "json/.DS_Store"]
    inside, records = found(folder, zip_of({"json/QANR5L17QE7.json": raw, **dict.fromkeys(hidden, b"\0\5\x16\7")}))
    assert ([entry.number for entry in inside.entries], len(records)) == ([7], 1)
    assert inside.odd == [Anomaly("unexpected_member", "warning", "member", name) for name in hidden]


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x05\x06", b"<html></html>", zip_of(units(3))[:-30], zip_of({"a.txt": b""}), zip_of({})],
    ids=range(6),
)
def test_what_is_no_archive_of_questions(folder, content):
    message = refusal(folder, content)
    assert message.startswith("14/QE: ")
    assert "--force" in message or "raw/" in message


FIRST, *_ = units(1).values()


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"crc32": 7}, "CRC-32"),
        ({"size": len(FIRST) + 1}, "length"),
        ({"size": len(FIRST) - 1}, "more than"),
        ({"size": 0}, "more than"),
        ({"stored": 20}, "length"),
        ({"method": 12}, "method 12"),
        ({"method": 9}, "method 9"),
        ({"offset": 3}, "points to no member"),
        ({"offset": 10**9}, "points to no member"),
        ({"size": MAX_RECORD + 1}, str(MAX_RECORD)),
    ],
)
def test_a_member_that_is_not_what_the_zip_says(folder, change, expected, stored):
    inside, _ = found(folder, zip_of(units(2), stored=stored))
    entry = Entry(*(change.get(name, getattr(inside.entries[0], name)) for name in Entry.__struct_fields__))
    with inside.path.open("rb") as file, pytest.raises(RecordError, match=expected) as caught:
        read(file, entry)
    assert caught.value.rule in ("zip", "too_large")


def test_bytes_after_the_deflated_stream_are_not_inflated(folder):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(FIRST) + packer.flush()
    path = folder / "loose"
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 0, 0, 0, 0)
    path.write_bytes(header + packed + b"\xff" * 100_000)
    entry = Entry("a", 1, 0, len(packed) + 100_000, len(FIRST), zlib.crc32(FIRST), 8)
    with path.open("rb") as file:
        assert read(file, entry) == FIRST


def test_a_bomb_is_stopped_where_its_declared_size_ends(folder):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(60 << 20)) + packer.flush()
    path = folder / "bomb"
    path.write_bytes(struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 0, 0, 0, 0) + packed)
    tracemalloc.start()
    with path.open("rb") as file, pytest.raises(RecordError, match="more than the 1000 bytes"):
        read(file, Entry("a", 1, 0, len(packed), 1000, 0, 8))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 << 20


@given(st.data())
def test_no_damage_to_a_zip_raises_anything_but_its_two_errors(folder, data):
    content = bytearray(zip_of(units(2), stored=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SourceError, RecordError):
        found(folder, bytes(content))


# -- hostile documents: linear time, bounded memory

HOSTILE = [
    b'{"a":',
    b'"',
    b"\\",
    b"{",
    b"[",
    b" ",
    b'\\"',
    b'{"a":"',
    b'{"a":"x",',
    b'{"a":[',
    b'{"a":"x"x",',
    b'{"a":"x\\",',
    b"{}",
    b"],",
    b'"a":1,',
    b"1",
]


@pytest.mark.parametrize("head", [b"", HEAD, b'{"a":1,'], ids=["bare", "in a list", "in an object"])
@pytest.mark.parametrize("unit_", HOSTILE, ids=repr)
def test_five_megabytes_of_anything_take_a_moment(folder, monkeypatch, unit_, head):
    monkeypatch.setattr(bulk_json, "MAX_BROKEN", MAX_BROKEN // 10)
    content = zip_of({"Q.json": head + unit_ * (5_000_000 // len(unit_))}, level=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        found(folder, content)
    except SourceError as error:
        assert len(str(error)) < 1_000
    # quadratic work would take hours; what may be read again, a megabyte for each broken record of so many, does not
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 60 // 10


MEMORY = """
import sys
from pathlib import Path
from etl.parse.archive import contents
from etl.errors import SourceError
def peak():  # ru_maxrss would begin with the parent's
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
before = peak()
try:
    print(len(contents(Path(sys.argv[1]), "14/QE", Path(sys.argv[2]), "json").entries))
except SourceError as error:
    print(str(error)[:200])
print((peak() - before) // 1024)
"""


@pytest.mark.parametrize(
    ("made", "said", "limit"),  # made when it is asked for; the limit in megabytes
    [
        (lambda: HEAD + b", ".join(RECORDS * 3_000) + END, "90000", 100),
        (lambda: HEAD + RECORDS[0] + END[:-1] + b" " * (64 << 20) + b"}", "goes on after it", 50),
        (lambda: HEAD + b'{"uid": "' + b"x" * (64 << 20) + b'"}' + END, "cannot be cut", 50),
    ],
    ids=["many records", "long tail", "long record"],
)
def test_memory_stays_bounded_whatever_the_document(folder, made, said, limit):
    path = folder / "big.zip"
    path.write_bytes(zip_of({"Q.json": made()}, level=1))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path, folder / "big.document"], check=True, capture_output=True, text=True
    )
    answer, megabytes = done.stdout.splitlines()
    assert said in answer
    assert int(megabytes) < limit
