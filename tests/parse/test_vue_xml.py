"""The `/vue/xml` form (docs/source/formats.md 4), with invented words."""

import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import Anomaly, Attribution, Body, Closure, RecordError, Text

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<QUESTION TYPE="QE">
    <LEGISLATURE>14</LEGISLATURE>
    <DEPOT NUMERO="47"><DATE_JO>07/01/2014</DATE_JO><PAGE_JO>18</PAGE_JO><TYPE_JO>JO_QUESTION</TYPE_JO><NUMERO_JO>1</NUMERO_JO></DEPOT>
    <AUTEUR ID_MANDAT="645"><ID_ACTEUR>92</ID_ACTEUR><CIVILITE>M.</CIVILITE><NOM>Hameçon</NOM><PRENOM>Luc</PRENOM></AUTEUR>
    <GROUPE SIGLE="VER"><LIBELLE>Verts</LIBELLE><ID_GROUPE>70</ID_GROUPE></GROUPE>
    <CIRCONSCRIPTION NUMERO_CIRCONSCRIPTION="2"><CODE_DEPARTEMENT>01</CODE_DEPARTEMENT><DEPARTEMENT>Ain</DEPARTEMENT>
        <CODE_REGION>84</CODE_REGION><REGION>Auvergne-Rhône-Alpes</REGION></CIRCONSCRIPTION>
    <INDEXATION_AN RUBRIQUE="eau"><TETE_ANALYSE>rivières</TETE_ANALYSE><ANALYSE><ANA>truites</ANA><ANA>frayères</ANA></ANALYSE></INDEXATION_AN>
    <MINI><ABREGE>Pêche</ABREGE><DEVELOPPE>Ministère de la pêche</DEVELOPPE><ID_MINI>65</ID_MINI></MINI>
    <MINA>
        <ORDRE NUMERO="2"><ABREGE>Mer</ABREGE><DEVELOPPE>Ministère de la mer</DEVELOPPE><ID_MINA>66</ID_MINA>
            <DATE_JO>03/04/2014</DATE_JO><TYPE_JO>JO_LOI_DECRET</TYPE_JO><NUMERO_JO/></ORDRE>
        <ORDRE NUMERO="1"><ABREGE>Pêche</ABREGE><DEVELOPPE>Ministère de la pêche</DEVELOPPE><ID_MINA>65</ID_MINA>
            <DATE_JO>07/01/2014</DATE_JO><TYPE_JO>JO_QUESTION</TYPE_JO><NUMERO_JO>1</NUMERO_JO></ORDRE>
    </MINA>
    <DEPOT><TEXTE_DEPOT>
            <![CDATA[M. Luc Hameçon compte 3 truites &amp; 1 ombre.]]></TEXTE_DEPOT></DEPOT>
    <ERRATUM_QUESTION><DATE_JO/><PAGE_JO/><TYPE_JO/></ERRATUM_QUESTION>
    <SIGNALEMENT><DATE_JO/><DATE_DEPOT_SIGNAL/><TYPE_JO/><NUMERO_JO/></SIGNALEMENT>
    <RENOUVELLEMENT/>
    <CLOTURE><DATE_JO>13/05/2014</DATE_JO><PAGE_JO>3858</PAGE_JO><ABREGE>REP_PUB</ABREGE><LIBELLE>Réponse publiée</LIBELLE>
        <NUMERO_JO>19</NUMERO_JO><TYPE_JO>JO_QUESTION</TYPE_JO></CLOTURE>
    <REPONSE><TEXTE_REPONSE><![CDATA[Elles sont <b>5</b>.]]></TEXTE_REPONSE>
        <DATE_JO_REPONSE>13/05/2014</DATE_JO_REPONSE><PAGE_JO_REPONSE>3858</PAGE_JO_REPONSE></REPONSE>
    <ERRATUM_REPONSE><DATE_JO/><PAGE_JO/><TYPE_JO/></ERRATUM_REPONSE>
</QUESTION>
"""


def read(*changes: tuple[str, str]):
    page = PAGE
    for before, after in changes:
        assert before in page
        page = page.replace(before, after)
    return read_document(page.encode())


def test_every_field():
    record, odd = read()
    assert odd == []
    assert (record.uid, record.deputy_id, record.mandate_id) == ("QANR5L14QE47", "PA92", "PM645")
    assert (record.author_name, record.department) == ("Luc Hameçon", "Ain")
    assert record.group == Body("PO70", "VER", "Verts")
    assert record.ministry_asked == Body("PO65", "Pêche", "Ministère de la pêche")
    assert record.attributions == (
        Attribution(Body("PO65", "Pêche", "Ministère de la pêche"), "JO_QUESTION", "07/01/2014"),
        Attribution(Body("PO66", "Mer", "Ministère de la mer"), "JO_LOI_DECRET", "03/04/2014"),
    )
    assert (record.rubrique, record.tete_analyse, record.analyses) == ("eau", "rivières", ("truites", "frayères"))
    assert record.closure == Closure("REP_PUB", "Réponse publiée", "13/05/2014", "13/05/2014", "3858")
    assert (record.signalled, record.renewed) == ((), ())
    assert record.answers == (Text("JO_QUESTION", "13/05/2014", "3858", "Elles sont <b>5</b>."),)
    row = rows(record).question
    assert row["question_text"] == "M. Luc Hameçon compte 3 truites & 1 ombre."
    assert row["reattributed_on"].isoformat() == "2014-04-03"


def test_what_was_published_besides():
    record, odd = read(
        ("<ERRATUM_QUESTION><DATE_JO/><PAGE_JO/>", "<ERRATUM_QUESTION><DATE_JO>14/01/2014</DATE_JO><PAGE_JO>55</PAGE_JO>"),
        ("<ERRATUM_REPONSE><DATE_JO/>", "<ERRATUM_REPONSE><DATE_JO>20/05/2014</DATE_JO>"),
        ("<SIGNALEMENT><DATE_JO/><DATE_DEPOT_SIGNAL/>", "<SIGNALEMENT><DATE_JO/><DATE_DEPOT_SIGNAL>01/04/2014</DATE_DEPOT_SIGNAL>"),
        ("<RENOUVELLEMENT/>", '<RENOUVELLEMENT><ORDRE NUMERO="1"><DATE_RENOUVELLEMENT>15/04/2014</DATE_RENOUVELLEMENT>'
         "<TYPE_JO>JO_QUESTION</TYPE_JO><NUMERO_JO>15</NUMERO_JO></ORDRE></RENOUVELLEMENT>"),
    )  # fmt: skip
    assert odd == []
    assert record.questions[1] == Text(None, "14/01/2014", "55", None, "Erratum de la question")
    assert record.answers[1] == Text(None, "20/05/2014", None, None, "Erratum de la réponse")
    assert (record.signalled, record.renewed) == (("01/04/2014",), ("15/04/2014",))


def test_withdrawn_with_an_empty_second_deposit():
    record, odd = read(
        ("<![CDATA[M. Luc Hameçon compte 3 truites &amp; 1 ombre.]]>", ""),
        ("<TEXTE_REPONSE><![CDATA[Elles sont <b>5</b>.]]></TEXTE_REPONSE>", "<TEXTE_REPONSE/>"),
        (
            "<DATE_JO_REPONSE>13/05/2014</DATE_JO_REPONSE><PAGE_JO_REPONSE>3858</PAGE_JO_REPONSE>",
            "<DATE_JO_REPONSE/><PAGE_JO_REPONSE/>",
        ),
        (
            "<ABREGE>REP_PUB</ABREGE><LIBELLE>Réponse publiée</LIBELLE>",
            "<ABREGE>AU</ABREGE><LIBELLE>Retrait à l'initiative de l'auteur</LIBELLE>",
        ),
    )
    assert odd == []
    assert record.questions == (Text("JO_QUESTION", "07/01/2014", "18"),)
    assert record.answers == ()
    assert rows(record).question["status"] == "withdrawn"


def test_a_question_to_the_government():
    record, odd = read(
        ('TYPE="QE"', 'TYPE="QG"'),
        ("<![CDATA[M. Luc Hameçon compte 3 truites &amp; 1 ombre.]]>", ""),
        ("<DATE_JO>07/01/2014</DATE_JO><PAGE_JO>18</PAGE_JO>", "<DATE_JO>13/05/2014</DATE_JO><PAGE_JO/>"),
    )
    assert odd == []
    assert record.questions == ()
    assert record.answers == (Text("JO_DEBAT", "13/05/2014", "3858", "Elles sont <b>5</b>."),)


def test_a_text_that_is_markup_and_no_cdata():
    record, odd = read(
        ("<![CDATA[M. Luc Hameçon compte 3 truites &amp; 1 ombre.]]>", "M. <b>Luc</b> Hameçon compte.<br/>Et <i>4</i>.")
    )
    assert odd == []
    assert rows(record).question["question_text"] == "M. **Luc** Hameçon compte.\n\nEt *4*."


@pytest.mark.parametrize(
    ("before", "after", "group"),
    [
        ("Verts", "Bords & Rives", "Bords & Rives"),
        ("Verts", "Bl&eacute;s", "Blés"),
        ("Verts", "Ve\x0brts", "Verts"),
        ("Verts", "Prés", "Prés"),
    ],
)
def test_xml_that_is_damaged(before, after, group):
    page = PAGE.replace(before, after)
    record, odd = read_document(page.encode("latin-1" if after == "Prés" else "utf-8"))
    assert [one.kind for one in odd] == ["bad_xml"]
    found = rows(record).question
    assert (found["group_name"], found["author_name"]) == (group, "Luc Hameçon")
    assert found["question_text"] == "M. Luc Hameçon compte 3 truites & 1 ombre."


def test_a_renewal_on_no_day_is_told():
    renewal = "<ORDRE NUMERO='1'><DATE_RENOUVELLEMENT/><TYPE_JO>JO_QUESTION</TYPE_JO></ORDRE>"
    record, odd = read(("<RENOUVELLEMENT/>", f"<RENOUVELLEMENT>{renewal}</RENOUVELLEMENT>"))
    assert (record.renewed, odd) == ((), [Anomaly("bad_date", "error", "RENOUVELLEMENT/ORDRE", "JO_QUESTION")])


def test_single_values_that_stand_in_the_element_itself():
    record, odd = read(
        ("<ANA>truites</ANA><ANA>frayères</ANA>", "truites"),
        ("<RENOUVELLEMENT/>", "<RENOUVELLEMENT>15/04/2014</RENOUVELLEMENT>"),
    )
    assert (odd, record.analyses, record.renewed) == ([], ("truites",), ("15/04/2014",))


def test_a_second_text_is_told():
    record, odd = read(
        ("<DEPOT><TEXTE_DEPOT>", "<DEPOT><TEXTE_DEPOT>Un.</TEXTE_DEPOT></DEPOT><DEPOT><TEXTE_DEPOT>"),
        ("<REPONSE>", "<REPONSE><TEXTE_REPONSE>Deux.</TEXTE_REPONSE></REPONSE><REPONSE>"),
    )
    assert (record.questions[0].text, record.answers[0].text) == ("Un.", "Deux.")
    assert [(anomaly.kind, anomaly.what, anomaly.value[:6]) for anomaly in odd] == [
        ("repeated", "DEPOT/TEXTE_DEPOT", "M. Luc"),
        ("repeated", "REPONSE", "Elles "),
    ]


def test_what_is_not_known_is_told():
    record, odd = read(
        ("<LEGISLATURE>", "<COULEUR A='b'>bleu</COULEUR><LEGISLATURE>"), ("<ABREGE>Pêche", "<NEUF/><ABREGE>Pêche")
    )
    assert {(one.kind, one.what, one.value) for one in odd} == {
        ("unknown_key", "COULEUR", "bleu"),
        ("unknown_key", "MINI/NEUF", ""),
        ("unknown_key", "MINA/ORDRE/NEUF", ""),
    }
    assert record.number == 47


def test_what_xml_itself_puts_on_an_element_is_no_unknown_key():
    assert (
        read(("<TEXTE_DEPOT>", "<TEXTE_DEPOT xml:space='preserve'>"), ("<LIBELLE>V", "<LIBELLE xml:lang='fr'>V"))
        == read()
    )


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (' NUMERO="47"', "", "missing"),
        ("<LEGISLATURE>14</LEGISLATURE>", "", "missing"),
        ('TYPE="QE"', 'TYPE="QX"', "type"),
        ("</QUESTION>", "", "xml"),
        ("<QUESTION TYPE", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><QUESTION TYPE', "xml"),
        ("<QUESTION TYPE", "<!DOCTYPE QUESTION><QUESTION TYPE", "xml"),
    ],
)
def test_what_is_refused(before, after, rule):
    with pytest.raises(RecordError) as error:
        read((before, after))
    assert error.value.rule == rule
    assert "hostname" not in str(error.value)
