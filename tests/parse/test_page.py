"""Pages of legislatures 14 to 16 and the second layout of the 13th (docs/source/formats.md 5.1, 5.2), with invented words."""

from datetime import date

import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import Anomaly, Attribution, Body, Closure, RecordError, Text

QUESTION = "M. Luc Hameçon compte 3 truites."
MORE = '<div>Réponse publiée au JO le : <span class="question_big_content">17/01/2023</span>  page : <span><a href="/x">90</a></span></div>'


def page(
    number="14248", kind="Question écrite", leg="16", asked="Pêche", attributed="Pêche",
    author='<span class="question_big_content" ><a href="https://www2.assemblee-nationale.fr/deputes/fiche/OMC_PA77" title="Lien vers la fiche de M. Luc Hameçon" target="_blank">M. Luc Hameçon</a></span> (Démocrate (MoDem et Indépendants) - <span>Côte-d\'Or</span> )',
    index='<div class="question_col33">\n<p><span class="question_big_content ">Titre > </span>Truites - comptage. Suite</p>\n</div>',
    dates='<div>Question publiée au JO le : <span class="question_big_content">10/01/2023</span>  page : <span class="question_big_content"><a href="/static/16/questions/jo/jo_anq_202302.pdf">40</a></span></div>',
    question=QUESTION, answer="", after="",
) -> bytes:  # fmt: skip
    return f"""
	<!DOCTYPE html>
<!--[if lt IE 7]>      <html class="no-js lt-ie9" lang="fr-FR"> <![endif]-->
<!--[if gt IE 8]><!--> <html class="no-js" lang="fr-FR"> <!--<![endif]-->    <head>
<meta charset="utf-8">
<title>Question n°{number} - Assemblée nationale</title>
<script type="text/javascript">if (1 < 2) {{ document.write("<section><h3>Texte de la question</h3>"); }}</script>
</head><body><nav><ul><li class="active">Question écrite N°{number} de M. Luc Hameçon</li></ul></nav>
<section class="print_and_pdf"><button>Imprimer</button></section>
                <header class="question_legislature">{leg}ème législature</header>
                <hr class="question_hr"/>
                <section class="question_header">
                    <div class="question_big_content" id="question_col10"> Question N° {number}</div>
                    <div id="question_col80"> de {author}</div>
                    <div class="question_big_content" id="question_col10">{kind}</div>
                </section>
                <section class="question_info">
                    <div class="ministere">
                        <div class="question_col50">
                            <span class="question_big_content ">Ministère interrogé > </span> {asked}
                        </div>
                        <div class="question_col50 no-left-border">
                            <span class="question_big_content">Ministère attributaire > </span> {attributed}
                        </div>
                    </div>
                    <div class="analyse_header">
                        <div class="question_col33">
                           <p> <span class="question_big_content">Rubrique > </span>eau</p>
                        </div>
                        {index}
                    </div>
                </section>
               <!-- <hr class="border-bottom-question-info" />-->
                <div class="question_publish_date">
                        {dates}
                </div>
                <section class="question_answer">
                    <div class="question">
                        <h3>Texte de la question</h3>
                        <p>
                            {question}
                        </p>
                    </div>
                    <div class="answer">
                        <h3>Texte de la réponse</h3>
                        <div class="reponse_contenu">
                            {answer}
                        </div>
                    </div>
                    {after}
                </section>
    <section class="print_and_pdf"><form action="https://questions.assemblee-nationale.fr/"><input value="1"></form></section>
<footer class="site-footer">Une semaine à l'Assemblée</footer></body></html>
""".encode()


ALERT = """<form action="https://questions.assemblee-nationale.fr/notifications/add" method="post" class="alertNotification">
<input name="type" type="hidden" value="qst_reponse"><input name="data" type="hidden" value="dHlwZQ==">
<button name="AddNotificationButton" class="btn btn-primary">&Ecirc;tre alerté(e) de la réponse</button></form>"""
DATE = page.__defaults__[7]


def line(label: str, day: str, rest: str = "") -> str:
    return f'<div>{label}: <span class="question_big_content">{day}</span>{rest}</div>\n'


def test_a_page_that_waits_for_its_answer():
    record, odd = read_document(page(answer=ALERT))
    assert odd == []
    assert record.uid == "QANR5L16QE14248"
    assert (record.deputy_id, record.author_name, record.department) == ("PA77", "Luc Hameçon", "Côte-d'Or")
    assert record.group == Body(name="Démocrate (MoDem et Indépendants)")
    assert (record.rubrique, record.analyses) == ("eau", ("Truites - comptage. Suite",))
    assert record.attributions == (Attribution(Body(short="Pêche"), jo_date="10/01/2023"),)
    assert record.answers == ()
    row = rows(record).question
    assert (row["question_text"], row["question_page"]) == (QUESTION, 40)


def test_blanks_quotes_order_and_case_of_attributes_do_not_matter():
    other = (
        page()
        .decode()
        .replace('class="question_legislature"', "CLASS = question_legislature  data-x")
        .replace('<div class="answer">', "<DIV data-a='>' class='x answer'>".replace(">'", "'"))
        .replace("<h3>Texte de la question</h3>", '<H3 class="t">\n Texte&nbsp;de la\n question </H3>')
        .replace(" > </span>", "&nbsp;&gt;\n</span>")
        .replace("Question N° 16", "Question N°&nbsp;16")
        .replace("Tête d'analyse", "Tête d’analyse")
        .replace(" page : ", "&nbsp;page&nbsp;:&nbsp;")
        .encode()
    )
    assert rows(read_document(other)[0]) == rows(read_document(page())[0])
    assert read_document(page().decode().encode("utf-8-sig"))[0] == read_document(page())[0]


def test_analyses_of_the_fourteenth():
    index = (
        '<div class="question_col33 middle33">\n<p><span>Tête d\'analyse > </span>rivières</p></div>'
        '<div class="question_col33 last33"><p> <span>Analyse > </span> truites. code de l\'environnement. </p></div>'
    )
    record, odd = read_document(page(leg="14", index=index))
    assert odd == []
    assert (record.tete_analyse, record.analyses) == ("rivières", ("truites", "code de l'environnement"))
    record, odd = read_document(
        page(leg="14", index=index.replace("rivières", "").replace("truites. code de l'environnement. ", ""))
    )
    assert odd == []
    assert (record.tete_analyse, record.analyses) == (None, ())


def test_what_was_published_besides():
    dates = (
        DATE + MORE + line("Date de changement d'attribution", "11/01/2023") + line("Date de signalement ", "12/01/2023")
        + line("Date de renouvellement ", "13/01/2023") + line("Erratum de la question publié au JO le ", "14/01/2023", " page : <span><a>55</a></span>")
        + line("Erratum de la réponse publié au JO le ", "24/01/2023", " page : 99")
    )  # fmt: skip
    record, odd = read_document(page(dates=dates, attributed="Mer", answer="Oui, 4."))
    assert odd == []
    assert record.attributions == (
        Attribution(Body(short="Pêche"), jo_date="10/01/2023"),
        Attribution(Body(short="Mer"), jo_date="11/01/2023"),
    )
    assert (record.signalled, record.renewed) == (("12/01/2023",), ("13/01/2023",))
    assert record.questions[1:] == (Text("JO_QUESTION", "14/01/2023", "55", None, "Erratum de la question"),)
    assert record.answers == (
        Text("JO_QUESTION", "17/01/2023", "90", "Oui, 4."),
        Text("JO_QUESTION", "24/01/2023", "99", None, "Erratum de la réponse"),
    )
    assert rows(record).question["answer_text"] == "Oui, 4."


@pytest.mark.parametrize(
    ("said", "signalled", "renewed"),
    [
        ("Date de renouvellement : 13/01/2023 et le 14/01/2023", (), ("13/01/2023", "14/01/2023")),
        ("Signalée le : 1 er février 2023, p. 9", ("2023-02-01",), ()),
        ("Signalée le : 11.01.2023 page : 9, puis le 12. 1. 2023", ("11/01/2023", "12/1/2023"), ()),
        ("Signalée le : 1er févr. 2023 et le 3 sept 2023", ("2023-02-01", "2023-09-03"), ()),
    ],
)
def test_dates_that_are_joined_and_short_for_page(said, signalled, renewed):
    record, odd = read_document(page(dates=f"{DATE}<div>{said}</div>"))
    assert (odd, record.signalled, record.renewed) == ([], signalled, renewed)


def test_an_answer_that_was_corrected_is_an_erratum_of_the_answer():
    record, odd = read_document(
        page(dates=DATE + MORE + line("Réponse rectifiée au JO le ", "24/01/2023"), answer="4.")
    )
    assert odd == []
    assert record.answers[1] == Text("JO_QUESTION", "24/01/2023", erratum="Réponse rectifiée au JO")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Réponse publiée au JO le : 11.12.12 page : 3", "Réponse publiée au JO le : 11.12.12 page : 3"),
        ("Réponse publiée au JO le : bientôt", "Réponse publiée au JO le : bientôt"),
        ("Date de signalement : 11/01/2023 (urgent)", "Date de signalement: (urgent)"),
        ("Réponse publiée au JO le :", None),
    ],
)
def test_what_a_label_has_besides_its_date_is_told(said, told):
    _, odd = read_document(page(dates=f"{DATE}<div>{said}</div>"))
    assert [anomaly.value for anomaly in odd] == ([told] if told else [])


@pytest.mark.parametrize(
    "value", ["retraites : généralités", "Retrait : le glyphosate", "Signalement n° 3 ", "Erratum"]
)
def test_a_value_below_its_label_may_begin_as_a_dated_line_does(value):
    record, odd = read_document(page(index=f"<div><p>Titre > </p><p>{value}</p></div>"))
    assert (odd, record.closure, record.analyses) == ([], None, (value.strip(),))
    record, odd = read_document(page(index="<div><p>Titre > </p></div>", dates=line("Question retirée", "(caducité)")))
    assert (odd, record.closure, record.analyses) == ([], Closure(None, "caducité"), ())


def test_withdrawn():
    dates = DATE + line("Question retirée le", "21/06/2022", " (<span>Retrait à l'initiative de l'auteur</span>)")
    record, odd = read_document(page(dates=dates))
    assert odd == []
    assert record.closure == Closure(None, "Retrait à l'initiative de l'auteur", "21/06/2022")
    assert rows(record).question["status"] == "withdrawn"
    for day, said in [("21.06.2022", " (Caducité (fin de mandat))"), ("21 juin 2022", " : Caducité (fin de mandat)")]:
        record, odd = read_document(page(dates=DATE + line("Question retirée le", day, said)))
        assert (odd, rows(record).question["closed_on"]) == ([], date(2022, 6, 21))
        assert record.closure.label == "Caducité (fin de mandat)"
    record, odd = read_document(page(dates=DATE + line("Question retirée le", "", " (<span>caducité</span>)")))
    assert odd == []
    assert record.closure == Closure(None, "caducité")


def test_a_second_closure_is_told():
    twice = line("Question retirée le", "21/06/2022", " (<span>caducité</span>)")
    first = line("Question retirée le", "14/06/2022", " (<span>décès</span>)")
    record, odd = read_document(page(dates=DATE + first + twice + twice))
    assert record.closure == Closure(None, "caducité", "21/06/2022")
    assert odd == [Anomaly("repeated", "warning", "closure", "Question retirée 14/06/2022 décès")]


def test_a_debate():
    dates = line("Question publiée au JO le ", "23/02/2022") + line("Réponse publiée au JO le ", "23/02/2022")
    said = (
        '</p><p align="CENTER"> TRUITES <a name=PG26></a> </p><br><strong>M. le président. </strong>Bonjour.<br><br>'
        "<strong>M. Luc Hameçon. </strong>Alors ?</div><br> <p>"
    )
    record, odd = read_document(page(kind="Question au gouvernement", dates=dates, question="", answer=said))
    assert odd == []
    assert (record.question_type, record.questions) == ("QG", ())
    assert (record.answers[0].jo_type, record.answers[0].jo_date, record.answers[0].jo_page) == (
        "JO_DEBAT",
        "23/02/2022",
        None,
    )
    assert (
        rows(record).question["answer_text"]
        == "TRUITES\n\n**M. le président.** Bonjour.\n\n**M. Luc Hameçon.** Alors ?"
    )


def test_unbalanced_answers_are_whole():
    table = (
        "Voici :<!-- DEBTAB --><div align='center'><center><table border='1'><tr><td rowspan=2\">an</td><td>7</td></tr>"
        "<tr><td>8</td></tr></table></center></div></div><!-- FINTAB --><section>Et la fin"
    )
    record, odd = read_document(page(kind="Question orale sans débat", answer=table.replace("<section>", "")))
    assert odd == []
    assert record.question_type == "QOSD"
    assert rows(record).question["answer_text"].splitlines()[-1] == "Et la fin"
    assert "| an | 7 |" in rows(record).question["answer_text"]
    for mark in ("<!-- DEBTAB >", "<!-- DEBTAB", "<!--"):
        broken = table.replace("<!-- DEBTAB -->", mark).replace("<!-- FINTAB --><section>", "")
        record, odd = read_document(page(answer=broken).replace(b"<footer", b"Reste <!-- x --><footer"))
        assert odd == []
        assert rows(record).question["answer_text"].splitlines()[-1] == "Et la fin"


def test_a_soft_hyphen_in_a_word_of_capitals():
    record, odd = read_document(page(question="Le CHÂ\xadTEAU de PÂ\xadTY."))
    assert (rows(record).question["question_text"], odd) == ("Le CHÂTEAU de PÂTY.", [])


def test_two_authors():
    author = (
        '<a href="/deputes/fiche/OMC_PA77">M. Luc Hameçon</a> (Verts - <span>Côte-d\'Or</span> ) et '
        '<a href="/deputes/fiche/OMC_PA78">Mme Lise Canne</a> (Bleus - <span>Ain</span>)'
    )
    record, odd = read_document(page(author=author))
    assert (record.author_name, record.deputy_id, record.department) == (
        "Luc Hameçon et Lise Canne",
        "PA77",
        "Côte-d'Or",
    )
    assert [(one.kind, one.value) for one in odd] == [("second_author", "Lise Canne, PA78, Bleus, Ain")]


@pytest.mark.parametrize(
    ("place", "group", "department"),
    [("Verts - <span>Ain</span>", "Verts", "Ain"), (" - <span>Ain</span>", None, "Ain"), ("Verts - <span></span> ", "Verts", None),
     ("Union - Centre - <span>Ain</span>", "Union - Centre", "Ain"), ("Verts – <span>Ain</span>", "Verts", "Ain")],
)  # fmt: skip
def test_group_and_department(place, group, department):
    record, odd = read_document(page(author=f"M. Luc Hameçon ({place})"))
    assert odd == []
    assert (record.author_name, record.group.name, record.department, record.deputy_id) == (
        "Luc Hameçon",
        group,
        department,
        None,
    )


@pytest.mark.parametrize("more", ["(apparenté)", "(apparentée au groupe Verts)", "(App.)"])
def test_a_group_that_its_author_is_only_close_to(more):
    record, odd = read_document(page(author=f"Mme Lise Canne (Gironde) (Démocrate (MoDem) - <span>Ain</span>) {more}"))
    assert odd == []
    assert (record.author_name, record.group.name, record.department) == (
        "Lise Canne (Gironde)",
        "Démocrate (MoDem)",
        "Ain",
    )
    record, _ = read_document(page(author="Mme Lise Canne (Verts (apparentée) - Ain)"))
    assert (record.group.name, record.department) == ("Verts (apparentée)", "Ain")


def test_a_name_with_the_department_of_its_bearer():
    record, odd = read_document(page(author="Mme Lise Canne (Gironde) (Démocrate (MoDem) - <span>Gironde</span> )"))
    assert odd == []
    assert (record.author_name, record.group.name, record.department) == (
        "Lise Canne (Gironde)",
        "Démocrate (MoDem)",
        "Gironde",
    )


def test_what_is_not_known_is_told():
    dates = DATE + line("Date de floraison", "12/01/2023")
    record, odd = read_document(
        page(dates=dates, index='<div class="question_col33">Couleur > bleu</div><div>seul</div>')
    )
    assert {(one.kind, one.value) for one in odd} == {
        ("unknown_key", "Couleur > bleu"),
        ("unknown_key", "seul"),
        ("unknown_key", "Date de floraison: 12/01/2023"),
    }
    assert record.rubrique == "eau"


def test_a_page_cut_in_its_answer_says_so():
    whole = page(answer="Elles sont cinq, et peut-être six.")
    record, odd = read_document(whole[: whole.index("peut-être".encode())])
    assert record.answers[0].text == "Elles sont cinq, et"
    assert [one.kind for one in odd] == ["truncated"]


def second_layout(dates: str = "Question publiée au JO le : 02/02/2010&nbsp; page : 100", answer: str = "") -> bytes:
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>13-70000QE</title></head><body>
<div id="printtop">Assemblée nationale</div>
<table><tr><td class="tdstyleh1">13ème législature</td></tr></table>
<table><tr><td class="tdstyleh3">Question N° : <b>70000</b></td>
<td class="tdstyleh3">de<b> M.&nbsp;Luc Hameçon</b> ( Verts - Côte-d'Or )</td>
<td class="tdstyleh3">
<b>Question écrite</b></td></tr></table>
<table><tr><td>Ministère interrogé &gt; <span class="contenu">Pêche</span></td><td>Ministère attributaire &gt; <span class="contenu">Mer</span></td></tr>
<tr><td>Rubrique &gt; <span class="contenu">eau</span></td><td>Tête d'analyse &gt; <span class="contenu">rivières</span></td>
<td>Analyse &gt; <span class="contenu">truites. frayères</span></td></tr>
<tr><td colspan="3">{dates}</td></tr></table>
<h2> Texte de la question</h2>
<div class="contenutexte">M. Luc Hameçon compte 3 truites.<br/></div>
<h2> Texte de la réponse</h2>
<div class="contenutexte">{answer}</div>
<div class="pied"></div></body></html>""".encode()


def test_second_layout_of_the_thirteenth():
    dates = (
        "Question publiée au JO le : <b>02/02/2010</b> page : <b>100</b><br />Réponse publiée au JO le : 01/06/2010 page : 200<br />"
        "Date de changement d'attribution : 23/03/2010<br/>Date de signalement : 18/05/2010<br />"
        "Erratum de la réponse publié au JO le : 08/06/2010 page : 210"
    )
    record, odd = read_document(second_layout(dates, "Oui.<br/><div><center>Très <i>bien</i>.</center></div>"))
    assert odd == []
    assert (record.uid, record.author_name, record.group.name) == ("QANR5L13QE70000", "Luc Hameçon", "Verts")
    assert (record.department, record.rubrique, record.tete_analyse) == ("Côte-d'Or", "eau", "rivières")
    assert record.analyses == ("truites", "frayères")
    assert [(one.ministry.short, one.jo_date) for one in record.attributions] == [
        ("Pêche", "02/02/2010"),
        ("Mer", "23/03/2010"),
    ]
    assert record.signalled == ("18/05/2010",)
    assert record.answers[1] == Text("JO_QUESTION", "08/06/2010", "210", None, "Erratum de la réponse")
    row = rows(record).question
    assert (row["question_text"], row["answer_text"]) == ("M. Luc Hameçon compte 3 truites.", "Oui.\n\nTrès *bien*.")
    record, odd = read_document(
        second_layout(
            "Question publiée au JO le : 02/02/2010 page : 100<br/>Question retirée le : 09/03/2010 (Retrait)"
        )
    )
    assert odd == []
    assert (record.answers, record.closure) == ((), Closure(None, "Retrait", "09/03/2010"))


def test_a_debate_in_the_second_layout():
    raw = second_layout("Réponse publiée au JO le : 03/02/2010 page : 900", "<b>M. le président.</b> Bonjour.")
    before, _, after = (
        raw.decode().replace("Question écrite", "Question au Gouvernement").partition("<h2> Texte de la q")
    )
    record, odd = read_document((before + "<h2> DEBAT</h2>" + after.partition("réponse</h2>")[2]).encode())
    assert odd == []
    assert record.questions == ()
    assert record.answers == (Text("JO_DEBAT", "03/02/2010", "900", "<b>M. le président.</b> Bonjour."),)


@pytest.mark.parametrize(
    "title", ["Question retirée le 10/01/2020 : suites", "Prix > 10 : analyse > tout", "Date de signalement"]
)
def test_a_title_may_hold_the_words_of_a_label(title):
    index = f'<div class="question_col33">\n<p><span class="question_big_content ">Titre > </span>{title}</p></div>'
    record, odd = read_document(page(index=index))
    assert (record.analyses, record.closure, record.signalled, odd) == ((title,), None, (), [])


def test_what_stands_below_the_second_layout_is_no_answer():
    raw = second_layout(answer="Oui, <div>très</div> bien.").replace(b'<div class="pied">', b'<div class="pied">Retour')
    record, odd = read_document(raw)
    assert record.answers[0].text == "Oui, <div>très</div> bien."
    assert [(one.kind, one.value) for one in odd] == [("unknown_key", "Retour")]


@pytest.mark.parametrize(
    "lost", ["Question N° 14248", "16ème législature", "<h3>Texte de la question</h3>", "Question écrite</div>"]
)
def test_what_must_be_there(lost):
    with pytest.raises(RecordError):
        read_document(
            page()
            .replace(lost.encode(), b"")
            .replace(
                b"<h3>Texte de la r\xc3\xa9ponse</h3>", b"" if "h3" in lost else b"<h3>Texte de la r\xc3\xa9ponse</h3>"
            )
        )


@pytest.mark.parametrize("written", ["XVIe", "XVI<sup>e</sup>", "XVIème", "XVI e"])
def test_a_legislature_in_roman_letters(written):
    assert read_document(page().replace("16ème".encode(), written.encode())) == read_document(page())


@pytest.mark.parametrize("written", ["N° 13 641", "n°&nbsp;13&nbsp;641", "N° 13.641", "Nº 13641"])
def test_a_number_that_is_written_in_groups(written):
    written_so = page().replace("> Question N° 14248<".encode(), f"> Question {written}<".encode())
    assert read_document(written_so)[0].number == 13641


def test_a_page_number_that_is_written_in_groups():
    record, odd = read_document(page().replace(b">40<", b">11&nbsp;081<"))
    assert (rows(record).question["question_page"], odd) == (11081, [])


@pytest.mark.parametrize("wrapped", ["{}", "<p>{}</p>", "<a class='btn' href='#'>{}</a>", "<button>{}</button>"])
def test_the_offer_of_an_alert_is_no_answer(wrapped):
    record, odd = read_document(page(answer=wrapped.format("Être alerté(e) de la réponse")))
    assert (record.answers, odd) == ((), [])


@pytest.mark.parametrize("inner", ['<a name="r"/>{}', '<a name="r"></a>{}', "<b>{}</b>", "<i class='icon'/> {} :"])
def test_tags_in_a_heading(inner):
    heading = "Texte de la réponse"
    marked = page(answer="Oui.").replace(f"<h3>{heading}".encode(), f"<h3>{inner.format(heading)}".encode())
    assert rows(read_document(marked)[0]).question["answer_text"] == "Oui."


def test_a_line_end_is_a_space():
    """As bs4's prettify writes an answer, or a page that is wrapped."""
    said = "\n   Elles sont\n   <em>\n    cinq\n   </em>\n   à\n   Lyon.\n  "
    record, odd = read_document(page(answer=said, question=said))
    row = rows(record).question
    assert (row["answer_text"], row["question_text"], odd) == (*["Elles sont *cinq* à Lyon."] * 2, [])


@pytest.mark.parametrize("layout", [page, second_layout])
def test_an_answer_that_holds_the_end_of_a_page(layout):
    said = "Elles sont 5.</body></html><br>Il y en a 6."
    record, odd = read_document(layout(answer=said))
    assert rows(record).question["answer_text"] == "Elles sont 5.\n\nIl y en a 6."
    assert odd == []
