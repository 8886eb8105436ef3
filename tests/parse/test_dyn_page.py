"""The dyn pages (docs/source/formats.md 5.3), rebuilt from their description with invented words."""

import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import Attribution, Body, Closure, RecordError, Text

QUESTION = '<p class="_pa-small">M. Luc Hameçon compte 3 truites.<br/><br/>Il en veut 4.</p>'
ANSWER = '<p class="_pa-small">Elles sont 5.</p>'
LINKS = """<a class="link" href="https://questions.assemblee-nationale.fr/static/16/questions/jo/jo_anq_202229.pdf">
                                        Publication de la question au Journal Officiel
                                        du 26 juillet 2022, page 3501</a><br/>
<a class="link" href="https://questions.assemblee-nationale.fr/static/16/questions/jo/jo_anq_202238.pdf">
                                        Publication de la réponse au Journal Officiel
                                        du 1er août 2022, page 4253</a>"""
DATES = """<p class="h6 _colored-primary">
      Dates                          :
      <br/><span class="_regular"> Question publiée le <a class="link" href="/x.pdf">26 juillet 2022</a></span><br/>
      <span class="_regular"> Réponse publiée le <a class="link" href="/y.pdf">1er août 2022</a></span></p>"""
ANSWERED = "Réponse  publiée                le 1er août 2022 "


def page(
    uid="QANR5L16QE200", kind="Question écrite", title="Truites - comptage. Suite", links=LINKS, after_author="",
    author="M. Luc Hameçon (Bourgogne-Franche-Comté - La France insoumise - NUPES)", question=QUESTION,
    answered=ANSWERED, answer=ANSWER, dates=DATES, more="", asked="Pêche", attributed="Pêche",
) -> bytes:  # fmt: skip
    block = f"""<div><div class="_pa-small"><p class="_colored-green _bold">
                 {answered}</p>
{answer}
</div></div>"""
    return f"""<!DOCTYPE html>

<html class="no-js" lang="fr">
<head><title>Question n°200 : {title} - Assemblée nationale</title><meta charset="utf-8"/></head>
<body class="_coloration-travaux"><header class="site-header"><div class="_pa-small">Menu</div></header>
<nav class="page-breadcrumb"><ul><li><a href="/dyn/16/questions">Questions 16<sup>e</sup> législature</a></li></ul></nav>
<main id="main" role="main"><div class="page"><div class="page-content">
<div class="an-bloc _style-question" data-actions='{{"blank":""}}' data-id="{uid} / Bloc de style « question »">
<div class="bloc-content"><div class="_vertical container"><div>
<div class="title _centered-text pb-sm-3"><span class="h4 _colored-primary">{kind} n°200 :
                                <span class="_regular">{title}</span>
</span></div><hr class="hr-flag"/>
<div><span class="h6 _colored-primary _bold">16ème Législature</span></div><div>{links}</div></div>
<div class="ha-grid"><div class="ha-grid-item size-3"><div><div class="_pa-small"><p class="_colored-primary">
<span class="_bold">Question de :</span>
<span class="_colored-primary _regular">{author}</span>{after_author} </p>
{question}
</div></div>
{block if answered else ""}
</div>
<div class="ha-grid-item size-1"><div class="_pa-small _centered-text">
<span class="h5 _colored-primary _pa-small _centered-text">Données clés</span><hr class="hr-flag"/></div>
<p class="h6 _colored-primary">Auteur :
 <span class="_regular"><a class="link" data-document-id="PA77" href="https://www.assemblee-nationale.fr/dyn/deputes/PA77">{author}</a></span></p>
<p class="h6 _colored-primary">Type de question :
 <span class="_regular">{kind}</span></p>
<p class="h6 _colored-primary">Rubrique :
 <span class="_regular">Eau</span></p>
<p class="h6 _colored-primary" id="blocMinistereInterroge">Ministère interrogé :
 <span class="_regular">{asked}</span></p>
<p class="h6 _colored-primary" id="blocMinistereAttributaire">Ministère répondant :
 <span class="_regular">{attributed}</span></p>
{dates}{more}
</div></div></div>
<div class="bloc-actions container"><span class="_colored">partager</span><p class="_pa-small">Suivre : rien</p></div>
</div></div></div></div></main><footer class="site-footer"><p>Pied : de page</p></footer></body></html>""".encode()


def test_a_written_question():
    record, odd = read_document(page())
    assert odd == []
    assert record.uid == "QANR5L16QE200"
    assert (record.deputy_id, record.author_name, record.department) == ("PA77", "Luc Hameçon", None)
    assert record.group == Body(name="La France insoumise - NUPES")
    assert (record.rubrique, record.analyses) == ("Eau", ("Truites - comptage. Suite",))
    assert record.attributions == (Attribution(Body(short="Pêche"), jo_date="2022-07-26"),)
    assert [(one.jo_type, one.jo_date, one.jo_page) for one in (*record.questions, *record.answers)] == [
        ("JO_QUESTION", "2022-07-26", "3501"),
        ("JO_QUESTION", "2022-08-01", "4253"),
    ]
    row = rows(record).question
    assert (row["question_text"], row["answer_text"]) == (
        "M. Luc Hameçon compte 3 truites.\n\nIl en veut 4.",
        "Elles sont 5.",
    )
    assert row["status"] == "answered"


@pytest.mark.parametrize(
    ("place", "group"),
    [
        ("Ile-de-France - Renaissance", "Renaissance"),
        ("Alsace - Champagne-Ardenne - Lorraine - La France insoumise - NUPES", "La France insoumise - NUPES"),
        ("Auvergne - Rhône-Alpes - Verts", "Verts"),
        ("Français établis hors de France - Union - Centre", "Union - Centre"),
    ],
)
def test_the_region_is_no_part_of_the_group(place, group):
    record, odd = read_document(page(author=f"Mme Lise Canne ({place})"))
    assert odd == []
    assert (record.author_name, record.group.name, record.department) == ("Lise Canne", group, None)


@pytest.mark.parametrize(
    "title",
    ["Retraites agricoles", "Retrait du glyphosate", "Signalement : suite", "Caducité", "Bilan de la 15e législature"],
)
def test_a_title_is_nothing_that_was_published(title):
    record, odd = read_document(page(title=title))
    assert (odd, record.closure, record.signalled, record.analyses) == ([], None, (), (title,))


def test_texts_without_their_class():
    bare = page(question=QUESTION.replace("_pa-small", "_ma-small"), answer=ANSWER.replace(' class="_pa-small"', ""))
    assert read_document(bare) == read_document(page())


def test_one_that_waits():
    links = LINKS.partition("<br/>")[0]
    dates = DATES.partition("<br/>\n")[0] + "</p>"
    form = '<form action="/x"><button>Être alerté(e) de la réponse</button></form>'
    record, odd = read_document(page(links=links, dates=dates, answered="", question=QUESTION + form))
    assert odd == []
    assert record.answers == ()
    assert rows(record).question["question_text"].endswith("Il en veut 4.")


def test_a_question_to_the_government():
    said = (
        '<p class="_pa-small"><br/><span class="bold"> TRUITES  </span><br/><br><strong>Mme la présidente. </strong>Bonjour.<br><br>'
        '<p align="CENTER">Bruit</p><strong>M. Luc Hameçon. </strong>Alors ?<br/><p></p></br></p>'
    )
    dates = """<p class="h6 _colored-primary">Date de la séance :
 <span class="_regular">
      La question a été posée au Gouvernement en séance, parue dans le journal officiel le 26 octobre 2022 </span></p>"""
    record, odd = read_document(
        page("QANR5L16QG200", "Question au Gouvernement", links="", question=said, answered="", dates=dates,
             after_author=", posée en séance, et publiée le 26 octobre 2022   ")
    )  # fmt: skip
    assert odd == []
    assert (record.author_name, record.group.name) == ("Luc Hameçon", "La France insoumise - NUPES")
    assert record.questions == ()
    assert [(one.jo_type, one.jo_date, one.jo_page) for one in record.answers] == [("JO_DEBAT", "2022-10-26", None)]
    assert rows(record).question["answer_text"] == (
        "TRUITES\n\n**Mme la présidente.** Bonjour.\n\nBruit\n\n**M. Luc Hameçon.** Alors ?"
    )


def test_an_oral_question_and_its_table():
    table = (
        '<p class="_pa-small"><b> TRUITES  </b><br><div align="center"><table><tr><td>an</td><td>7</td></tr></table></div>'
        "Fin.<br/><p></p></br></p>"
    )
    dates = """<p class="h6 _colored-primary">Date de la séance :
 <span class="_regular">La question a été posée au Gouvernement en séance, parue dans le journal officiel le
   <a class="link" href="/x.pdf">16 mai 2023 </a> </span></p>"""
    links = LINKS.partition("<br/>")[0].replace("26 juillet 2022, page 3501", "16 mai 2023")
    record, odd = read_document(
        page("QANR5L16QOSD200", "Question orale", links=links, answered="Réponse  en séance, et publiée   le 24 mai 2023",
             answer=table, dates=dates)
    )  # fmt: skip
    assert odd == []
    assert record.question_type == "QOSD"
    assert [(one.jo_type, one.jo_date) for one in (*record.questions, *record.answers)] == [
        ("JO_QUESTION", "2023-05-16"),
        ("JO_DEBAT", "2023-05-24"),
    ]
    assert rows(record).question["answer_text"].splitlines() == [
        "**TRUITES**",
        "",
        "| an | 7 |",
        "| --- | --- |",
        "",
        "Fin.",
    ]


def test_what_was_published_besides():
    more = (
        '<p class="h6">Date de signalement : <span class="_regular">2 août 2022</span></p>'
        '<p class="h6">Date de renouvellement : <span class="_regular">3 août 2022</span></p>'
        '<p class="h6">Date de changement d\'attribution : <span class="_regular">4 août 2022</span></p>'
        '<p class="h6">Question retirée le : <span class="_regular">5 août 2022 (Fin de mandat)</span></p>'
    )
    record, odd = read_document(page(more=more, attributed="Mer", answered=""))
    assert odd == []
    assert (record.signalled, record.renewed) == (("2022-08-02",), ("2022-08-03",))
    assert record.closure == Closure(None, "Fin de mandat", "2022-08-05")
    assert [(one.ministry.short, one.jo_date) for one in record.attributions] == [
        ("Pêche", "2022-07-26"),
        ("Mer", "2022-08-04"),
    ]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Question retirée le 5 août 2022 (Fin de mandat)", "Fin de mandat"),
        ("Question retirée le 5 août 2022 pour cause de caducité", "pour cause de caducité"),
        ("Question retirée le 5 août 2022", "Question retirée"),
        ("Question caduque le 5 août 2022", "Question caduque"),
    ],
)
def test_withdrawn_among_the_dates(said, label):
    record, odd = read_document(
        page(dates=DATES.replace("Réponse publiée le", said + "</span><br/><span>Signalée le"), answered="", links="")
    )
    assert odd == []
    assert record.closure == Closure(None, label, "2022-08-05")
    assert (record.signalled, record.answers) == (("2022-08-01",), ())
    assert [one.kind for one in rows(record).anomalies] == ["unknown_rubrique"]


def test_erratum():
    more = '<p class="h6">Erratum de la réponse publié le : <span class="_regular">9 août 2022, page 12</span></p>'
    record, odd = read_document(page(more=more))
    assert odd == []
    assert record.answers[1] == Text("JO_QUESTION", "2022-08-09", "12", None, "Erratum de la réponse")
    link = '<br/><a class="link" href="/z">Erratum de la réponse publié au Journal Officiel du 9 août 2022, page 12</a>'
    assert read_document(page(links=LINKS + link)) == (record, odd)


def test_what_is_not_known_is_told():
    record, odd = read_document(
        page(more='<p class="h6">Couleur : <span>bleu</span></p>', links=LINKS + "<div>Du neuf</div>")
    )
    assert {(one.kind, one.what, one.value) for one in odd} == {
        ("unknown_key", "couleur", "bleu"),
        ("unknown_key", "page", "Du neuf"),
    }
    assert record.rubrique == "Eau"


def test_without_its_data_id():
    raw = page().replace(b'data-id="QANR5L16QE200 / ', b'data-x="')
    assert read_document(raw) == read_document(page())
    with pytest.raises(RecordError) as error:
        read_document(page().replace(b'data-id="QANR5L16QE200', b'data-id="QANR5L16QE201'))
    assert error.value.rule == "identity"
    with pytest.raises(RecordError) as error:
        read_document(page(uid="QANR5L17QE200"))
    assert error.value.rule == "identity"
