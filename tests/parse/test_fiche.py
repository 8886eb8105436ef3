# ruff: noqa: W291, C408  (the page is laid out as it is sent)
"""Pages of legislatures 7 to 13: every variant that docs/source/formats.md 5.1 tells of, with invented words."""

from datetime import date

import pytest

from etl.normalise.rows import rows
from etl.parse.author import given_first
from etl.parse.forms import read_document
from etl.parse.record import Attribution, Body, Closure, RecordError, Text

FIELDS = dict(
    LEG="12ème législature", NUM="48328", CIV="M.", AUT="Hameçon Luc", GROUPE="Verts", DEPT="Côte-d'Or", NAT="QE",
    RET="", DRET="", CRET="", MINI="pêche", MINA="pêche", DPQ="05/10/2004", PGQ="7601", DPR="", PGREP="", DERQ="",
    PGERQ="", DERR="", PGERREP="", DSIGN="", DRAPS="", DCA="", RUB="eau", TANA="rivières", ANA="truites. frayères",
    DC="", QUEST="<html>M. Luc Hameçon compte 3 truites.<BR>  Il en veut 4.</html> ", REP="", COMPREP="", GRP="VER",
    NLEG="12", CODRET="", REG="Bourgogne", REPONSE="N",
)  # fmt: skip


def fiche(drop: str = "", **fields: str) -> str:
    """A page as the Assembly lays it out, misnested; `drop` names the fields whose tags are left out."""
    f = FIELDS | fields

    def tag(name: str) -> str:
        return "" if name in drop.split() else f"<{name}>{f[name]}</{name}>"

    def line(label: str, day: str, page: str) -> str:
        if not f[day]:
            return f"{tag(day)}\n{tag(page)}\n"
        return (
            "<TR><TD BORDER=0 align=left></TD><TD BORDER=0 align=left colspan=2> \n"
            f"{label} au JO le :&nbsp;\n<B>{tag(day)}</B>\n&nbsp;page :&nbsp;\n<B>{tag(page)}</B>\n</TD></TR>\n"
        )

    def dated(label: str, name: str) -> str:
        return f"{label} :&nbsp;<B>{tag(name)}</B><BR>\n" if f[name] else f"{tag(name)}\n"

    withdrawn = (
        f"<TR><TD colspan=3 align=center>\n<RET><B>{f['RET']}</RET>\n&nbsp;le : </B>\n{tag('DRET')}\n&nbsp;(\n"
        f"{tag('CRET')}\n)</TD></TR>"
        if f["RET"]
        else f"{tag('RET')}\n{tag('DRET')}\n{tag('CRET')}"
    )
    label = "DEBAT" if f["NAT"] == "QG" else "Texte de la REPONSE"
    return f"""<HTML><BODY align=center>
<TITLE>FICHE QUESTION</TITLE>
<CENTER><B>
{tag("LEG")}
</B></CENTER>
<TABLE CELLPADDING=1 CELLSPACING=1 BORDER=2  WIDTH=100% BORDERCOLOR=BLUE>
<TR><TD ALIGN=Center width=20%> Question N° : <B>
{tag("NUM")}
</B></TD>
</TD><TD ALIGN=CENTER>&nbsp;de&nbsp;<B>
{tag("CIV")}
&nbsp;
{tag("AUT")}
</B>(
{tag("GROUPE")}
 - {tag("DEPT")}
)</TD><TD ALIGN=CENTER><B>
{tag("NAT")}
</TD></TR>
{withdrawn}
<TR><TD align=left>
Ministère interrogé :&nbsp;</TD><TD colspan=2>
{tag("MINI")}
</TD></TR><TR><TD align=left>
Ministère attributaire :&nbsp;</TD><TD colspan=2>
{tag("MINA")}
</TD></TR>
{line("Question publiée", "DPQ", "PGQ")}{line("Réponse publiée", "DPR", "PGREP")}
{line("Erratum de la question publié", "DERQ", "PGERQ")}{line("Erratum de la réponse publié", "DERR", "PGERREP")}
<TR><TD BORDER=0 align=left></TD><TD BORDER=0 align=left colspan=2> 
{dated("Date de signalement", "DSIGN")}{dated("Date de renouvellement", "DRAPS")}
{dated("Date de changement d'attribution", "DCA")}
</TD></TR>
<RUBRIQUAGE> 
</TD></TR><TR><TD align=left>
Rubrique :&nbsp;
</TD><TD colspan=2 align=left>
{tag("RUB")}
</TD></TR><TR><TD align=left>
Tête d'analyse :&nbsp;
</TD><TD colspan=2 align=left>
{tag("TANA")}
</TD></TR><TR><TD align=left>
Analyse :&nbsp;
</TD><TD colspan=2 align=left>
{tag("ANA")}
<span style="visibility: hidden">
{tag("DC")}
</RUBRIQUAGE></span>
</TD></TR>
<TR><TD align=center>
<TEXTES>
<B><U>Texte de la QUESTION : </U></B>
</TD><TD colspan=2 align=left>
{tag("QUEST")}
</TD></TR><TR><TD align=center>
<B><U>{label} : </U></B>
</TD><TD colspan=2 align=left>
{tag("REP")}
{tag("COMPREP")}
</TEXTES>
</TABLE>
<span style="visibility: hidden">
{tag("GRP")}
{tag("NLEG")}
{tag("CODRET")}
{tag("REG")}
{tag("REPONSE")}
</span>
</TABLE>
</BODY></HTML>
"""


def read(drop: str = "", encoding: str = "cp1252", **fields: str):
    return read_document(fiche(drop, **fields).encode(encoding))


def test_every_field():
    record, odd = read(CODRET="REP_PUB", DPR="01/02/2005", PGREP="990", REP="<html>Elles sont 5.</html> ")
    assert odd == []
    assert record.uid == "QANR5L12QE48328"
    assert record.author_name == "Luc Hameçon"
    assert record.group == Body(None, "VER", "Verts")
    assert record.department == "Côte-d'Or"
    assert record.ministry_asked == Body(short="pêche")
    assert record.attributions == (Attribution(Body(short="pêche"), jo_date="05/10/2004"),)
    assert (record.rubrique, record.tete_analyse) == ("eau", "rivières")
    assert record.analyses == ("truites", "frayères")
    assert record.closure == Closure("REP_PUB")
    row = rows(record).question
    assert row["question_text"] == "M. Luc Hameçon compte 3 truites.\n\nIl en veut 4."
    assert row["answer_text"] == "Elles sont 5."
    assert (record.questions[0].jo_type, record.questions[0].jo_page) == ("JO_QUESTION", "7601")
    assert (record.answers[0].jo_type, record.answers[0].jo_page) == ("JO_QUESTION", "990")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_its_bytes(encoding):
    record, odd = read(encoding=encoding, QUEST="L’œuvre – « à 5 € »")
    assert odd == []
    assert record.questions[0].text == "L’œuvre – « à 5 € »"
    assert record.author_name == "Luc Hameçon"


def test_lower_case_tags_and_odd_blanks():
    upper = fiche()
    lower = upper
    for name in FIELDS:
        lower = lower.replace(f"<{name}>", f"<{name.lower()}>\r\n&nbsp; ")
        lower = lower.replace(f"</{name}>", f"\t</{name.lower()} >")
    assert lower != upper
    assert rows(read_document(lower.encode("latin-1"))[0]) == rows(read_document(upper.encode("latin-1"))[0])


def test_a_doctype_is_no_text():
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN"\n"http://www.w3.org/TR/html4/strict.dtd">\n'
    assert read_document((doctype + fiche()).encode("cp1252")) == read()


def test_a_page_of_the_seventh_has_no_text():
    record, odd = read(LEG="7ème législature", NLEG="7", QUEST=" ", CODRET="FL")
    assert odd == []
    assert record.questions == (Text("JO_QUESTION", "05/10/2004", "7601"),)
    assert record.answers == ()
    assert rows(record).question["status"] == "lapsed"


def test_a_legislature_in_roman_letters():
    assert read(LEG="XIIe législature", NLEG="")[0] == read(LEG="12ème législature", NLEG="")[0]
    assert read(LEG="XIIe législature", NLEG="12") == read(LEG="12ème législature", NLEG="12")


def test_withdrawn_without_a_date():
    record, odd = read(RET="Question retirée", CRET="Retrait à l'initiative de l'auteur", CODRET="AU")
    assert odd == []
    assert record.closure == Closure("AU", "Retrait à l'initiative de l'auteur")
    record, odd = read(RET="Question retirée", DRET="12/11/2004", CRET="Fin de mandat", CODRET="FL")
    assert odd == []
    assert record.closure == Closure("FL", "Fin de mandat", "12/11/2004")
    for written in ("Caducité (fin de mandat)", "(Caducité (fin de mandat))", "Caducité (fin de mandat) )"):
        record, _ = read(RET="Question retirée", CRET=written)
        assert record.closure == Closure(None, "Caducité (fin de mandat)")
    record, _ = read(RET="Question retirée")
    assert rows(record).question["status"] == "withdrawn"


def test_an_answer_without_a_question():
    record, odd = read(QUEST=" ", DPR="09/11/2004", PGREP="1", REP="Reponse. - Oui.", CODRET="REP_PUB")
    assert odd == []
    assert record.questions[0].text is None
    assert record.answers == (Text("JO_QUESTION", "09/11/2004", "1", "Reponse. - Oui."),)


def test_errata_signalement_renewal_and_change_of_attribution():
    record, odd = read(
        MINA="mer", DERQ="12/10/2004", PGERQ="8000", DERR="08/02/2005", PGERREP="1200", DPR="01/02/2005", PGREP="990",
        REP="Non.", DSIGN="07/12/2004", DRAPS="04/01/2005", DCA="01/11/2004",
    )  # fmt: skip
    assert odd == []
    assert record.questions[1:] == (Text("JO_QUESTION", "12/10/2004", "8000", None, "Erratum de la question"),)
    assert record.answers[1:] == (Text("JO_QUESTION", "08/02/2005", "1200", None, "Erratum de la réponse"),)
    assert record.signalled == ("07/12/2004",)
    assert record.renewed == ("04/01/2005",)
    assert record.attributions == (
        Attribution(Body(short="pêche"), jo_date="05/10/2004"),
        Attribution(Body(short="mer"), jo_date="01/11/2004"),
    )
    row = rows(record).question
    assert (row["question_page"], row["answer_page"], row["answer_text"]) == (7601, 990, "Non.")
    assert row["reattributed_on"].isoformat() == "2004-11-01"


@pytest.mark.parametrize("written", ["05.10.2004", "5 oct. 2004", "le 5 octobre 2004"])
def test_a_day_however_it_is_written(written):
    record, odd = read(DPQ=written)
    row = rows(record)
    assert (odd, row.anomalies, row.question["question_date"]) == ([], [], date(2004, 10, 5))


def test_two_changes_of_attribution():
    record, odd = read(MINA="mer", DCA="01/11/2004, 02/12/2004")
    assert odd == []
    assert [(one.ministry.short, one.jo_date) for one in record.attributions] == [
        ("pêche", "05/10/2004"),
        (None, "01/11/2004"),
        ("mer", "02/12/2004"),
    ]
    assert rows(record).question["ministry"] == "mer"


def test_labels_inside_the_field():
    record, odd = read(DSIGN="<B>Question signalée le : 07/12/2004</B>", DRAPS="04/01/2005, 04/04/2005")
    assert odd == []
    assert record.signalled == ("07/12/2004",)
    assert record.renewed == ("04/01/2005", "04/04/2005")


def test_a_debate():
    record, odd = read(
        NAT="QG", QUEST=" ", DPR="05/10/2004", PGREP="7601", REP="M. Luc Hameçon. Alors ?<BR>  M. le ministre. Bon."
    )
    assert odd == []
    assert record.questions == ()
    assert record.answers == (
        Text("JO_DEBAT", "05/10/2004", "7601", "M. Luc Hameçon. Alors ?<BR>  M. le ministre. Bon."),
    )
    assert record.attributions[0].jo_date == "05/10/2004"
    assert rows(record).question["question_date"] is None


def test_a_debate_without_the_answers_tag():
    record, odd = read(drop="REP COMPREP", NAT="QG", QUEST=" ", DPR="05/10/2004", PGREP="7601")
    assert odd == []
    assert record.answers == (Text("JO_DEBAT", "05/10/2004", "7601"),)
    said = fiche(drop="REP", NAT="QG", QUEST=" ").replace("<COMPREP>", "M. Luc Hameçon. Alors ?\n<COMPREP>")
    record, odd = read_document(said.encode("latin-1"))
    assert [one.kind for one in odd] == ["answer_without_tag"]
    assert rows(record).question["answer_text"] == "M. Luc Hameçon. Alors ?"
    assert record.answers[0].jo_date == "05/10/2004"


@pytest.mark.parametrize(
    ("before", "cell"),
    [
        ("<!-- Texte de la REPONSE : rien -->", "<TD colspan=2 align=left>"),
        ("", '<TD colspan=2 title="a > b">'),
        ("", "<TD colspan=2 align=left><!-- ici -->"),
    ],
)
def test_an_answer_without_its_tag_is_what_the_cell_shows(before, cell):
    page = fiche(drop="REP COMPREP", QUEST="Un débat : lequel ?", DPR="05/10/2004")
    page = page.replace("<TEXTES>", f"<TEXTES>{before}").replace("</TEXTES>", "Oui.</TEXTES>")
    head, _, end = page.rpartition("<TD colspan=2 align=left>")
    record, odd = read_document(f"{head}{cell}{end}".encode("latin-1"))
    assert [one.kind for one in odd] == ["answer_without_tag"]
    assert rows(record).question["answer_text"] == "Oui."


def test_a_table_in_the_answer_and_a_complement():
    table = 'Voir :<!-- DEBTAB --><TABLE><TR><TD rowspan=2">an</TD><TD>1</br></TD></TR><TR><TD>2</TD></TR></TABLE><!-- FINTAB -->'
    record, odd = read(DPR="01/02/2005", REP=f"<html>{table}</REP> </html><REP>", COMPREP="Et aussi 6.")
    row = rows(record).question
    assert row["answer_text"].splitlines() == [
        "Voir :",
        "",
        "| an | 1 |",
        "| --- | --- |",
        "| an | 2 |",
        "",
        "Et aussi 6.",
    ]
    assert [one.kind for one in odd] == ["answer_complement"]


@pytest.mark.parametrize(
    ("legislature", "analyses"),
    [
        ("7", ("Longwy", "acierie a oxygene", "incendie")),
        ("8", ("Longwy", "acierie a oxygene", "incendie")),
        ("9", ("Longwy; acierie a oxygene; incendie",)),
    ],
)
def test_analyses_of_the_7th_and_8th_are_parted_by_semicolons(legislature, analyses):
    record, _ = read(LEG=f"{legislature}ème législature", NLEG=legislature, ANA="Longwy; acierie a oxygene; incendie")
    unspaced, _ = read(LEG="7ème législature", NLEG="7", ANA="Longwy;acierie a oxygene; incendie.")
    assert unspaced.analyses == ("Longwy", "acierie a oxygene", "incendie")
    assert record.analyses == analyses


def test_lines_that_are_shown_as_they_are_written():
    record, odd = read(REP="<html>En\nnombre :<PRE>1985   3\r\n1986   4</PRE></html>", DPR="01/02/2005")
    assert odd == []
    assert rows(record).question["answer_text"] == "En nombre :\n\n1985 3\n\n1986 4"


def test_oral_question():
    record, odd = read(NAT="QOSD", DPR="13/10/2004", PGREP="7777", REP="<html>M. le président. Bonjour.</html>")
    assert odd == []
    assert [one.jo_type for one in (*record.questions, *record.answers)] == ["JO_QUESTION", "JO_DEBAT"]


@pytest.mark.parametrize(
    "second",
    ["</AUT><BR>et <CIV>Mme</CIV> <AUT>Canne Lise</AUT>", "<BR>Mme Canne Lise</AUT>", " et Mme Canne Lise</AUT>"],
)
def test_two_authors(second):
    page = fiche().replace("</AUT>", second)
    record, odd = read_document(page.encode("latin-1"))
    assert record.author_name == "Luc Hameçon et Lise Canne"
    assert [(one.kind, one.value) for one in odd] == [("second_author", "Lise Canne")]


def test_what_is_not_known_is_told():
    page = fiche(CODRET="REP_PUB").replace("<RUBRIQUAGE>", "<NEUF>du neuf</NEUF>\n<RUBRIQUAGE> Inattendu : 7")
    record, odd = read_document(page.encode("latin-1"))
    assert [(one.kind, one.what, one.value) for one in odd] == [
        ("unknown_key", "<NEUF>", "du neuf"),
        ("unknown_key", "page", "Inattendu : 7"),
    ]
    assert record.rubrique == "eau"


def test_a_page_cut_in_its_answer_says_so():
    page = fiche(DPR="01/02/2005", REP="Elles sont cinq, et peut-être six.")
    record, odd = read_document(page[: page.index("peut-être")].encode("latin-1"))
    assert record.answers[0].text == "Elles sont cinq, et"
    assert "truncated" in [one.kind for one in odd]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"NUM": ""}, "missing"),
        ({"NUM": "12a"}, "number"),
        ({"NAT": "QX"}, "type"),
        ({"LEG": "", "NLEG": ""}, "missing"),
    ],
)
def test_what_must_be_there(fields, rule):
    with pytest.raises(RecordError) as error:
        read(**fields)
    assert error.value.rule == rule


@pytest.mark.parametrize(
    ("written", "texts", "name", "certain"),
    [
        ("Delehedde André", "M Andre Delehedde appelle", "André Delehedde", True),
        ("de Rocca Serra Camille", "M. Camille de Rocca Serra attire", "Camille de Rocca Serra", True),
        ("Lévy Bruhl Anne Marie", "Mme Anne Marie Levy Bruhl demande", "Anne Marie Lévy Bruhl", True),
        ("Brard Jean-Pierre", "", "Jean-Pierre Brard", True),
        ("de Rocca Serra Camille", "", "Camille de Rocca Serra", False),
        ("ROCCA SERRA Jean Paul", "", "Jean Paul ROCCA SERRA", True),
        ("Aubert François d'", "", "François d'Aubert", True),
        ("Aubert (d') François", "M. François d'Aubert", "François d'Aubert", True),
        ("Courson Charles de", "", "Charles de Courson", True),
        ("Courson (de) Charles", "", "Charles de Courson", True),
        ("Rocca Serra Camille de", "", "Camille de Rocca Serra", False),
        ("La Verpillière Charles de", "", "Charles de La Verpillière", True),
        ("Fuchs Jean Paul", "", "Jean Paul Fuchs", False),
        ("Mme. Canne Lise", "", "Lise Canne", True),
        ("Le Hameçon Luc", "", "Luc Le Hameçon", True),
        ("La Truite Luc de", "", "Luc de La Truite", True),
        ("Truite Ombre Luc", "", "Luc Truite Ombre", False),
        ("M. Hameçon, Luc", "", "Luc Hameçon", True),
        ("Hameçon", "", "Hameçon", True),
    ],
)
def test_names_turned_round(written, texts, name, certain):
    assert given_first(written, texts) == (name, certain)
