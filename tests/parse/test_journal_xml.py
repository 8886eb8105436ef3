"""An issue's document, read wherever its known names stand; what is not known is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.text import clean_label, to_markdown
from etl.parse.journal_xml import PrintedAnswer, PrintedQuestion, read
from etl.parse.record import RecordError
from tests.tazes import answer, question, redif

ASKED = PrintedQuestion(part="QE", legislature=17, question_type="QE", number=13382, date="2026-03-10", page="2101",
                        ministry="Eau", deputy="Mme Claire Abadie", subject="Les rivières", text="Où va l'eau ?")  # fmt: skip


def served(document: bytes | str) -> list[tuple[list[int], str | None]]:
    """By answer: the questions and the text; nothing is odd and nothing bad."""
    entries, bad, odd = read(document if isinstance(document, bytes) else document.encode())
    assert (bad, odd) == ([], [])
    return [([one.number for one in entry.questions], entry.answer.text) for entry in entries if entry.answer]


def test_a_question_and_a_joint_answer():
    document = redif(question(13382, text="Où va l'eau ?"), answer(5, 7, text="À la mer.") + answer(9))
    entries, bad, odd = read(document)
    assert entries[0] == ([ASKED], None)
    assert (bad, odd) == ([], [])
    assert [(one.part, one.question_type) for one in entries[1].questions] == [("REP", "QE")] * 2
    assert entries[1].answer == PrintedAnswer(date="2026-03-10", page="2140", text="À la mer.")
    assert served(document) == [([5, 7], "À la mer."), ([9], "Oui.")]


@pytest.mark.parametrize(
    "document",
    [
        redif(answered=answer(5, 7) + answer(9)),
        f'<Q><Section part="REP">{answer(5, 7)}</Section><Section part="REP">{answer(9)}</Section></Q>',
        f'<Q><Section part="REP"><entree>{answer(5, 7)}</entree><entree>{answer(9)}</entree></Section></Q>',
        f'<Q><Section part="REP"><e><qs>{question(5, "REP")}{question(7, "REP")}</qs><r>'
        f"{answer(0).partition('</question>')[2]}</r></e>{answer(9)}</Section></Q>",
        f"<Q><Section><part>REP</part>{answer(5, 7)}{answer(9)}</Section></Q>",
        f'<j:Q xmlns:j="urn:x" xmlns="urn:jo"><Section part="REP">{answer(5, 7)}{answer(9)}</Section></j:Q>',
        f'<!DOCTYPE Q SYSTEM "jo.dtd"><Q><Section part="REP">{answer(5, 7)}{answer(9)}</Section></Q>',
    ],
)
def test_entries_wherever_they_stand(document):
    assert [numbers for numbers, _ in served(document)] == [[5, 7], [9]]


def test_an_answer_before_its_questions():
    tail = answer(0).partition("</question>")[2]
    document = (
        f'<Q><Section part="REP"><e>{tail}{question(5, "REP")}</e><e>{tail}{question(7, "REP")}</e></Section></Q>'
    )
    assert [numbers for numbers, _ in served(document)] == [[5], [7]]


def test_attributes_do_as_well():
    document = (
        '<Q><Section part="QE"><question><idQuestion numeroQuestion="4" type="QE" legislature="17"/>'
        '<referencePublication datePublication="2026-03-10" pageJO="9"/></question></Section></Q>'
    )
    [entry], bad, odd = read(document.encode())
    assert (entry.questions[0].number, entry.questions[0].page, bad, odd) == (4, "9", [], [])


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("13382. — 10 mars 2026. — Le texte.", "Le texte."),
        ("  7. - 1er août 2026 . –\u00a0Le texte.", "Le texte."),
        ("<p>13382. — 10 mars 2026. — Le <b>texte</b>.</p>", "<p>Le <b>texte</b>.</p>"),
        ("&lt;p&gt;13382. — 10 mars 2026. — Le texte.&lt;/p&gt;", "<p>Le texte.</p>"),
        ("<![CDATA[13382. — 10 mars 2026. — a < 5]]>", "a < 5"),
        ("13 382*. — 10 mars 2026. — Le texte.", "Le texte."),
        ("<p><b>13382</b>. —<i>10 mars</i> 2026. — Le texte.</p>", "<p><b></b><i></i>Le texte.</p>"),
        ("Voir la n° 4. — 10 mars 2020. — Le texte.", "Voir la n° 4. — 10 mars 2020. — Le texte."),
        ("En 2026. — Le texte du 10 mars 2026.", "En 2026. — Le texte du 10 mars 2026."),
        ("13382. − 1<sup>er</sup> mars 2022. − Le texte.", "<sup></sup>Le texte."),
        ("13382. &#151; 10 mars 2026. &#151; Le texte.", "Le texte."),
        ("", None),
    ],
)
def test_texts_lose_their_header_and_nothing_else(inner, text):
    document = redif(question(4).replace("</question>", f"<texteQuestion>{inner}</texteQuestion></question>"))
    assert read(document)[0][0].questions[0].text == text


def test_what_is_not_known_is_told():
    document = redif(question(4, urgence="oui") + question(5, "QM"), answer(6)).replace(
        b"<Q>", b'<Q version="2"><entete><numero>10</numero></entete>'
    )
    entries, bad, odd = read(document)
    assert (len(entries), bad) == (3, [])
    assert sorted((one.kind, one.what, one.value) for one in odd) == [
        ("unknown_code", "idQuestion.type", "QM"),
        ("unknown_key", "Q@version", "2"),
        ("unknown_key", "entete", "10"),
        ("unknown_key", "question.urgence", "oui"),
    ]


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (redif(question("douze")), "number"),
        (redif(question(0)), "number"),
        (redif(question("")), "missing"),
        (redif(question(4).replace("<legislature>17</legislature>", "")), "missing"),
        (redif(question(4).replace("</idQuestion>", "</idQuestion><idQuestion/>")), "shape"),
        (redif(answered=question(4, "REP")), "shape"),
        (redif(answered=answer(4).partition("</question>")[2]), "shape"),
        (redif(question(4)).replace(b'"QE"', b'"LISTE"'), "shape"),
    ],
)
def test_a_bad_entry_is_set_aside_and_the_others_are_read(entry, rule):
    document = entry.replace(b"</Q>", f'<Section part="QE">{question(8)}</Section></Q>'.encode())
    entries, [bad], _ = read(document)
    assert [one.questions[0].number for one in entries] == [8]
    assert bad.error.rule == rule
    assert bad.raw.startswith((b"<question>", b"<reponse>"))


def test_entities_of_a_dtd_that_is_not_looked_at_are_those_of_html():
    document = redif(question(4, text="caf&eacute;")).replace(b"Claire", b"Ma&euml;<!-- l -->lle")
    [entry], bad, odd = read(document.replace(b"<Q>", b'<!DOCTYPE Q SYSTEM "redif.dtd"><Q>'))
    assert (entry.questions[0].deputy, bad, odd) == ("Mme Maëlle Abadie", [], [])
    assert to_markdown(entry.questions[0].text or "") == "café"


@pytest.mark.parametrize(
    ("put", "subject"), [(b"R&D", "R&D"), (b"\xe9t\xe9", "été"), (b"a\x02b", "ab"), (b"caf&eacute;", "café")]
)
def test_a_byte_that_xml_has_not_costs_no_issue(put, subject):
    entries, bad, odd = read(redif(question(4)).replace("Les rivières".encode(), put))
    assert clean_label(entries[0].questions[0].subject or "") == subject
    assert (bad, [(anomaly.kind, anomaly.level) for anomaly in odd]) == ([], [("bad_xml", "warning")])


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<Q>",
        b'<!DOCTYPE Q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Q>&b;</Q>',
        b'<!DOCTYPE Q [<!ENTITY a "b">]><Q>R&D</Q>',
        b'<!DOCTYPE Q [<!ENTITY a SYSTEM "file:///etc/hostname">]><Q><Section part="QE">&a;</Section></Q>',
    ],
)
def test_what_is_no_document(document):
    with pytest.raises(RecordError):
        read(document)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.sampled_from(["", "entree"]))
def test_every_question_is_with_its_answer(sizes, wrapper):
    numbers = iter(range(1, 100))
    groups = [[next(numbers) for _ in range(size)] for size in sizes]
    begin, end = (f"<{wrapper}>", f"</{wrapper}>") if wrapper else ("", "")
    document = redif(answered="".join(f"{begin}{answer(*group)}{end}" for group in groups))
    assert [numbers for numbers, _ in served(document)] == groups
