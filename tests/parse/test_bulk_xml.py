"""Archives in XML: the XIV's document cut into records, whole, broken and hostile; a file a question."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import SourceError
from etl.normalise.text import to_markdown
from etl.parse import archive, bulk_xml, opendata_json
from etl.parse.archive import Contents, contents, read
from etl.parse.record import Anomaly, RecordError
from tests.archives import DECLARATION, document_xml, element, question, unit, unit_xml, zip_of

QUESTIONS = [question(14, "QE", number) for number in range(1, 31)]
RECORDS = [element("question", one).encode() for one in QUESTIONS]
HEAD, END = (DECLARATION + "<questionsEcrites>\n").encode(), b"\n</questionsEcrites>\n"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("archives")


def found(folder: Path, raw: bytes | dict[str, bytes]) -> tuple[Contents, list[bytes]]:
    """What an archive holds, and the bytes of its records."""
    path = folder / "a.zip"
    path.write_bytes(zip_of(raw if isinstance(raw, dict) else {"Questions_ecrites_XIV.xml": raw}, level=1))
    inside = contents(path, "14/QE", folder / "a.document", "xml")
    with inside.path.open("rb") as file:
        return inside, [read(file, entry) for entry in inside.entries]


def cut(folder: Path, raw: bytes) -> list[bytes]:
    inside, records = found(folder, raw)
    assert inside.item
    return records


def refusal(folder: Path, raw: bytes | dict[str, bytes]) -> str:
    with pytest.raises(SourceError) as caught:
        found(folder, raw)
    return str(caught.value)


def whole(*records: bytes) -> bytes:
    return HEAD + b"\n".join(records) + END


@pytest.mark.parametrize("window", [1, 7, 64, 1000, 4 << 20])
def test_records_that_straddle_windows(folder, window):
    with patch.object(archive, "WINDOW", window):
        inside, records = found(folder, document_xml(*QUESTIONS[:8]))
    assert records == RECORDS[:8]
    assert [entry.number for entry in inside.entries] == list(range(1, 9))
    assert inside.odd == []


STYLES = {
    "no declaration": b"<questionsGvt>" + b"".join(RECORDS[:3]) + b"</questionsGvt>",
    "bom": b"\xef\xbb\xbf" + whole(*RECORDS[:3]),
    "comments": HEAD + b"<!-- <question> -->" + b"<!--</questionsEcrites>-->\r\n<?p ?>".join(RECORDS[:3]) + b"<!-- -->" + END,
    "a comment first and last": b"<!-- <questionsGvt> -->" + whole(*RECORDS[:3]).removeprefix(DECLARATION.encode()) + b"<!-- -->",
    "attributes": whole(*RECORDS[:3]).replace(b"<questionsEcrites>", b'<questionsEcrites a="/>" xmlns="x" b=\'"<\'>'.replace(b"<'", b"'")),
    "spaces in tags": whole(*RECORDS[:3]).replace(b"<question>", b"<question\n>").replace(b"</question>", b"</question >"),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("window", [3, 4 << 20])
def test_styles_of_a_document(folder, style, window):
    with patch.object(archive, "WINDOW", window):
        inside, records = found(folder, STYLES[style])
    assert [bulk_xml.read(one, item=True)[0].number for one in records] == [1, 2, 3]
    assert [entry.number for entry in inside.entries] == [1, 2, 3]
    assert inside.odd == []


@pytest.mark.parametrize("root", [b"<questionsGvt/>", b"<questionsGvt></questionsGvt>", b"<questionsGvt a='b' /> \n"])
def test_an_empty_document_has_no_records(folder, root):
    assert cut(folder, root) == []


@pytest.mark.parametrize("window", [3, 4 << 20])
def test_what_else_a_document_holds_is_told_and_is_no_question(folder, window):
    others = (
        b"<questionX><question>9</question></questionX>",
        b"<questions/>",
        b"<total>3</total>",
        b"<question.s></question.s>",
    )
    with patch.object(archive, "WINDOW", window):
        inside, records = found(folder, HEAD + others[0] + b"".join(RECORDS[:2]) + b"".join(others[1:]) + RECORDS[2] + END)  # fmt: skip
    assert records == RECORDS[:3]
    assert inside.odd == [
        Anomaly("unknown_key", "warning", f"questionsEcrites.{name}", None)
        for name in ("questionX", "questions", "total", "question.s")
    ]


TRICKY = [
    "<question>",
    "</question>",
    "</question><question><identifiant><numero>9</numero></identifiant>",
    "</question></questionsEcrites>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<numero>9</numero>",
    "<!DOCTYPE x>",
    "&amp;lt;",
    "\"'>",
    "/>",
    "<?x",
    "\u2028\U0001f600 é",
]


@pytest.mark.parametrize("cdata", [False, True])
@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("window", [5, 4 << 20])
def test_texts_that_look_like_structure(folder, text, window, cdata):
    nodes = [question(14, "QE", number, question_text=text) for number in (1, 2, 3)]
    for node in nodes:  # the text before the number: no order is assumed
        node["identifiant"] = node.pop("identifiant")
    with patch.object(archive, "WINDOW", window):
        inside, records = found(folder, document_xml(*nodes, cdata=cdata))
    assert [bulk_xml.read(one, item=True)[0].questions[0].text for one in records] == [text] * 3
    assert [entry.number for entry in inside.entries] == [1, 2, 3]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=8
)
CONTENT = st.lists(
    TEXT.map(lambda one: element("a", one))
    | st.lists(st.sampled_from(TRICKY), max_size=4).map(lambda some: element("b", "".join(some), cdata=True))
    | st.sampled_from(["<!-- <question> -->", "<?p </question> ?>", "<questions>x</questions>", "<c d='>'/>", "\n "]),
    max_size=5,
).map("".join)


@given(
    st.lists(CONTENT, min_size=1, max_size=6), st.sampled_from(["", "\n", "<!-- </question> -->"]), st.integers(1, 80)
)
def test_any_elements_are_cut_as_they_are(folder, inside, between, window):
    records = [f"<question>{one}</question>".encode() for one in inside]
    with patch.object(archive, "WINDOW", window):
        assert cut(folder, HEAD + between.encode().join(records) + END) == records


BREAK = {
    "no closing tag": lambda one: one.removesuffix(b"</question>"),
    "a closing tag too many": lambda one: one + b"</question>",
    "a text after it": lambda one: one + b"x",
    "an inner tag lost": lambda one: one.replace(b"</uid>", b""),
    "an inner tag too many": lambda one: one.replace(b"<uid>", b"<uid><uid>"),
    "cut short": lambda one: one[:300],
    "cut in a tag": lambda one: one[: one.index(b"umero>")],
    "a lone less-than": lambda one: one.replace(b"</uid>", b"< </uid>"),
    "a comment left open": lambda one: one.replace(b"<type>", b"<!-- <type>"),
    "a CDATA section left open": lambda one: one.replace(b"<type>", b"<type><![CDATA["),
    "an entity that nobody declared": lambda one: one.replace(b"<uid>", b"<uid>&eacute;"),
    "a prefix that nobody declared": lambda one: one.replace(b"<uid>", b'<uid an:x="y">'),
    "bytes that are not UTF-8": lambda one: one.replace(b"<uid>", b"<uid>\xe9"),
    "a question in it": lambda one: one.replace(b"<uid>", b"<question>1</question><uid>"),
    "a DOCTYPE in it": lambda one: one.replace(b"<uid>", b"<!DOCTYPE x [<!ENTITY e 'e'>]><uid>"),
}


@pytest.mark.parametrize("window", [100, 4 << 20])
@pytest.mark.parametrize("place", [0, 14, 29])
@pytest.mark.parametrize("how", BREAK)
def test_a_broken_record_is_set_aside_and_the_others_are_read(folder, how, place, window):
    records = list(RECORDS)
    records[place] = BREAK[how](records[place])
    with patch.object(archive, "WINDOW", window):
        cut_out = cut(folder, whole(*records))
    good = set[int]()
    for one in cut_out:
        try:
            good.add(bulk_xml.read(one, item=True)[0].number)
        except RecordError as error:
            assert error.rule in ("xml", "shape", "missing")
    assert good == set(range(1, 31)) - {place + 1}


def test_several_broken_records(folder):
    records = [one.removesuffix(b"</question>") if number % 3 == 0 else one for number, one in enumerate(RECORDS)]
    assert cut(folder, whole(*records)) == records


@given(st.integers(1, len(whole(*RECORDS)) - 2))
def test_a_document_cut_short_anywhere_is_refused(folder, end):
    message = refusal(folder, whole(*RECORDS)[:end])
    assert message.startswith("14/QE: Questions_ecrites_XIV.xml ")
    assert "raw/" in message or "--force" in message


@pytest.mark.parametrize("more", [b"x", b"<a/>", b"</questionsEcrites>", b"\0", whole(*RECORDS[:1]), RECORDS[0]])
def test_a_document_that_goes_on_after_its_end_is_refused(folder, more):
    assert "goes on after it" in refusal(folder, whole(*RECORDS) + more)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"<html>",
        b"<questionX></questionX>",
        b"<export>" + whole(*RECORDS[:2]) + b"</export>",
        whole(*RECORDS[:2]).decode().encode("utf-16"),
        b"x" * 5_000_000,
    ],
    ids=range(7),
)
def test_a_document_of_something_else_is_refused(folder, raw):
    message = refusal(folder, raw)
    assert "is not a document of questions, it begins with " in message
    assert len(message) < 500


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"<!DOCTYPE questionsEcrites>" + whole(*RECORDS[:2]).removeprefix(DECLARATION.encode()), "declares a DOCTYPE"),
        (HEAD.replace(b"<q", b"<!DOCTYPE q [<!ENTITY a 'b'>]><q") + RECORDS[0] + END, "declares a DOCTYPE"),
        (HEAD + b"<!DOCTYPE x>" + RECORDS[0] + END, "cannot be cut"),
        (HEAD.replace(b"UTF-8", b"ISO-8859-1") + RECORDS[0] + END, "encoding 'ISO-8859-1', UTF-8 was expected"),
        (HEAD + b"&amp;" + RECORDS[0] + END, "cannot be cut"),
        (HEAD + b"<total>" + RECORDS[0] + END, "cannot be cut"),
        (HEAD + b"<total><a></total>" + RECORDS[0] + END, "ends before its document does"),
        (HEAD.replace(b">\n", b" a='&e;'>\n", 2) + RECORDS[0] + END, "is not a document of questions"),
        (HEAD + RECORDS[0] + END.replace(b"Ecrites", b"Gvt"), "ends before its document does"),
    ],
    ids=range(9),
)
def test_a_document_that_is_not_sound_around_its_records_is_refused(folder, raw, said):
    assert said in refusal(folder, raw)


def test_a_record_may_use_the_prefix_that_only_the_root_declares(folder):
    node = question(14, "QE", 1, cloture={"@xsi:nil": "true"}) | {"@xsi:type": "QuestionEcrite_Type"}
    raw = document_xml(node)
    assert raw.count(b"xmlns:xsi") == 1
    (record,) = cut(folder, raw)
    assert bulk_xml.read(record, item=True) == opendata_json.read(unit(node), item=False)


# -- a file a question


def units(count: int) -> dict[str, bytes]:
    return {f"xml/QANR5L17QE{number}.xml": unit_xml(question(17, "QE", number)) for number in range(1, count + 1)}


@pytest.mark.parametrize("count", [1, 2, 12])
def test_members_are_records(folder, count):
    members = units(count)
    inside, records = found(folder, {"xml/": b"", **members, "LISEZMOI.txt": b"...", "json/a.json": b"{}"})
    assert not inside.item
    assert records == list(members.values())
    assert [entry.number for entry in inside.entries] == list(range(1, count + 1))
    assert [one.value for one in inside.odd] == ["LISEZMOI.txt", "json/a.json"]


def test_a_document_that_is_most_of_an_archive_is_alone_in_it(folder):
    with pytest.raises(SourceError, match=r"Q.xml is a document of many questions, and not the archive's only"):
        found(folder, {"Q.xml": document_xml(*QUESTIONS), **units(1)})


def test_a_member_whose_name_has_no_number_is_looked_into(folder):
    def numbered(number: int) -> bytes:
        return unit_xml(question(17, "QE", number))

    members = {
        "xml/a.xml": numbered(5).replace(b"<numero>", b"<!-- <numero>4</numero> --><numero>\n"),
        "xml/b.XML": numbered(6).replace(b"<numero>", b'<an:numero a="b">').replace(b"</numero>", b"</an:numero>"),
        "xml/c.xml": b"<question/>",
        "xml/QANR5L17QE0.xml": numbered(7),
    }
    inside, _ = found(folder, members)
    assert [entry.number for entry in inside.entries] == [5, 6, None, 7]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "xml"),
        (b"<question>", "xml"),
        (b"{}", "xml"),
        (b"<questionX><uid>QANR5L17QE1</uid></questionX>", "shape"),
        (b"<question/>", "shape"),
        (b"<question>texte</question>", "shape"),
        (b"<!DOCTYPE question>" + unit_xml(question()).removeprefix(DECLARATION.encode()), "xml"),
        (b"<!DOCTYPE q [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><question><uid>&a;</uid></question>", "xml"),
        (b"<question>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</question>", "xml"),
        (b"<question><uid>1</uid><uid>2</uid></question>", "shape"),
    ],
    ids=range(10),
)
def test_a_file_that_is_no_question_is_a_record_that_cannot_be_read(raw, rule):
    with pytest.raises(RecordError) as caught:
        bulk_xml.read(raw, item=False)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (
            "1 &lt; 2 <p>R&amp;D<br/>3 &gt; 2</p> <!-- DEBTAB --><table><tr><td>a</td><td>b</td></tr></table>",
            "1 < 2\n\nR&D\n\n3 > 2\n\n| a | b |\n| --- | --- |",
        ),
        ("&lt;p>a<!-- c -->b<![CDATA[<br>]]><?p ?>c", "ab\n\nc"),
        ("\n  a\n ", "a"),
        ('<h:div xmlns:h="http://a.fr"><h:p>a<!-- c --></h:p><h:p><h:b>b</h:b></h:p></h:div>', "a\n\n**b**"),
    ],
    ids=["markup", "escaped", "spaces", "prefix"],
)
def test_a_text_keeps_its_markup_and_all_its_words(inside, text):
    raw = unit_xml(question(16, "QE", 1, question_text="@")).decode().replace("@", inside)
    record, odd = bulk_xml.read(raw.encode(), item=False)
    assert (to_markdown(record.questions[0].text or ""), odd) == (text, [])


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("lire : <em>b</em>, et non a", "lire : *b*, et non a"),
        ("<p>lire : b</p>", "lire : b"),
        ("<texte>lire : <em>b</em></texte><infoJO><dateJO>01/04/2025</dateJO></infoJO>", "lire : *b*"),
        ("<!-- --><infoJO><dateJO>01/04/2025</dateJO></infoJO>", "01/04/2025"),
    ],
)
def test_an_erratum_keeps_its_markup_too(inside, text):
    raw = unit_xml(question(16)).decode().replace("</texte>", f"</texte><erratum>{inside}</erratum>", 1)
    record, odd = bulk_xml.read(raw.encode(), item=False)
    assert (to_markdown(record.questions[0].erratum or ""), odd) == (text, [])


def test_other_encodings_of_a_file_are_read_as_declared():
    text = unit_xml(question(17, "QE", 1, rubrique="énergie")).decode()
    for encoding in ("ISO-8859-1", "UTF-16"):
        raw = text.replace("UTF-8", encoding).encode(encoding)
        assert bulk_xml.read(raw, item=False)[0].rubrique == "énergie"


def test_what_xml_itself_puts_on_an_element_is_no_unknown_key():
    raw = unit_xml(question(17)).replace(b"<question ", b'<question xsi:schemaLocation="a a.xsd" ', 1)
    dressed = raw.replace(b"<texte>", b'<texte xml:lang="fr" xml:space="preserve">')
    assert dressed.count(b"xml:lang") == 2
    assert bulk_xml.read(dressed, item=False) == opendata_json.read(unit(question(17)), item=False)


# -- hostile documents: linear time, bounded memory

HOSTILE = [
    b"<question>", b"<question", b"<question/>", b"</question>", b"<", b">", b"<a>", b"<a/>", b"<a ", b"<a b='",
    b"<!--", b"<!-- -->", b"<![CDATA[", b"]]>", b"<question><![CDATA[", b"<question><!--", b"<question><a>",
    b"<question a='", b" ", b"&", b"<?", b"<?a ?>", b"<a></a>", b"<questionsX>", b"<question></question>",
    b"<numero>1", b"<question><numero>", b"<question></question>x", b"</a>", b"<question>&a;</question>",
]  # fmt: skip


@pytest.mark.parametrize(
    "head", [b"", HEAD, HEAD + b"<question>", HEAD + b"<total>"], ids=["bare", "in", "in one", "in other"]
)
@pytest.mark.parametrize("unit_", HOSTILE, ids=repr)
def test_more_of_anything_than_a_record_may_have_takes_a_moment(folder, monkeypatch, unit_, head):
    monkeypatch.setattr(bulk_xml, "MAX_BROKEN", 25)  # each may be read again, a megabyte, and 250 are let pass
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        found(folder, head + unit_ * (1_250_000 // len(unit_)))
    except (SourceError, RecordError) as error:
        assert len(str(error)) < 1_000
    # quadratic work would take hours; what it may take is seconds of this process
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.5


MEMORY = """
import sys
from pathlib import Path
from etl.parse import bulk_xml
from etl.parse.archive import contents
from etl.errors import SourceError
def peak():  # ru_maxrss would begin with the parent's
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
before = peak()
try:
    print(len(contents(Path(sys.argv[1]), "14/QE", Path(sys.argv[2]), "xml").entries))
except SourceError as error:
    print(str(error)[:200])
print((peak() - before) // 1024)
"""


@pytest.mark.parametrize(
    ("made", "said", "limit"),  # made when it is asked for; the limit in megabytes
    [
        (lambda: HEAD + b"\n".join(RECORDS * 3_000) + END, "90000", 100),
        (lambda: HEAD + RECORDS[0] + END + b" " * (64 << 20), "goes on after its end", 50),
        (lambda: HEAD + RECORDS[0] + b" " * (64 << 20) + END, "1", 50),
        (lambda: HEAD + b"<question><uid>" + b"x" * (64 << 20) + b"</uid></question>" + END, "cannot be cut", 50),
        (lambda: HEAD + b"<total/>" * (5 << 20) + END, "beside its questions", 50),
        (lambda: HEAD + b"<!---->" * (4 << 20) + END, "0", 50),
        (lambda: b"<!---->" * (4 << 20) + HEAD + END, "is not a document", 80),
        (lambda: HEAD + b"<question>" + b"<a>" * (8 << 20), "cannot be cut", 150),
    ],
    ids=["many", "long tail", "long gap", "long record", "many others", "comments", "comments before", "deep"],
)
def test_memory_stays_bounded_whatever_the_document(folder, made, said, limit):
    path = folder / "big.zip"
    path.write_bytes(zip_of({"Q.xml": made()}, level=1))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path, folder / "big.document"], check=True, capture_output=True, text=True
    )
    answer, megabytes = done.stdout.splitlines()
    assert said in answer
    assert int(megabytes) < limit
