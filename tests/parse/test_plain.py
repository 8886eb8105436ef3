"""The plain text of a page, tabs kept or lost, with invented words."""

import re
import textwrap

import msgspec
import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.markup import lines
from etl.parse.record import Attribution, Body, Closure, RecordError
from tests.parse.test_fiche import fiche

PAGE = """

14ème législature

Question N° : 77\tDe M. Luc Hameçon (Démocrate (MoDem) - Côte-d'Or)\tQuestion écrite
Ministère interrogé > Pêche\t\tMinistère attributaire > Mer
Rubrique > eau\tTête d'analyse > rivières\tAnalyse > truites. frayères.
Question publiée au JO le : 11/12/2012 page : 7 Réponse publiée au JO le : 05/03/2013 page : 2477 Date de changement d'attribution: 12/12/2012\t\t\t

Texte de la question

M. Luc Hameçon compte 3 truites, *via* un filet & < 2 ombres.

Il en veut 4.

Texte de la réponse

Elles sont 5 : le Texte de la question le dit.
"""


def read(page: str):
    return read_document(page.encode())


def test_every_field():
    record, odd = read(PAGE)
    assert odd == []
    assert (record.uid, record.author_name, record.group.name) == ("QANR5L14QE77", "Luc Hameçon", "Démocrate (MoDem)")
    assert (record.department, record.rubrique, record.tete_analyse) == ("Côte-d'Or", "eau", "rivières")
    assert record.analyses == ("truites", "frayères")
    assert record.attributions == (
        Attribution(Body(short="Pêche"), jo_date="11/12/2012"),
        Attribution(Body(short="Mer"), jo_date="12/12/2012"),
    )
    assert [(one.jo_date, one.jo_page) for one in (*record.questions, *record.answers)] == [
        ("11/12/2012", "7"),
        ("05/03/2013", "2477"),
    ]
    row = rows(record).question
    assert row["question_text"] == "M. Luc Hameçon compte 3 truites, *via* un filet & < 2 ombres.\n\nIl en veut 4."
    assert row["answer_text"] == "Elles sont 5 : le Texte de la question le dit."


def test_entities_that_a_remover_of_tags_leaves():
    left = PAGE.replace("é", "&eacute;").replace(" page :", "&nbsp;page&#160;:").replace("N° ", "N&deg;&#xA0;")
    assert read(left) == read(PAGE)


@pytest.mark.parametrize("mark", [">", "> ", ">> "])
def test_quoted_in_a_mail(mark):
    quoted = "Bonjour,\n" + "".join(f"{mark}{line}\n" for line in PAGE.strip().splitlines())
    assert read(quoted) == read(PAGE)


def test_lines_that_go_on_in_the_next():
    narrow = PAGE.replace("> truites. frayères", "> truites.\nfrayères").replace(
        "Question écrite", "\nQuestion\nécrite"
    )
    narrow = narrow.replace("De M.", "\nde M.").replace(" page : 2477", "\npage : 2477")
    assert read(narrow) == read(PAGE)


def test_links_as_a_converter_writes_them():
    above = '[Aller au contenu](#main "Aller")\n* [Accueil](/)\n'
    linked = PAGE.replace("M. Luc Hameçon (", '[M. Luc Hameçon](https://an.fr/fiche/OMC_PA77 "Lien vers la fiche") (')
    linked = above + linked.replace("page : 2477", "page : [2477](/static/jo.pdf)")
    record, odd = read(linked)
    assert record.deputy_id == "PA77"
    assert (msgspec.structs.replace(record, deputy_id=None), odd) == read(PAGE)


@pytest.mark.parametrize("hidden", ["VER\n12\nREP_PUB\nBourgogne\nO", "VER 12 REP_PUB Pays-de-Loire O"])
def test_what_a_fiche_hides_below_its_texts(hidden):
    page = fiche(DPR="01/02/2005", PGREP="9", REP="Oui, en 2005.", CODRET="REP_PUB", REPONSE="O")
    shown, _, below = "\n".join(lines(page)).rpartition("Oui, en 2005.")
    assert below.split() == ["VER", "12", "REP_PUB", "Bourgogne", "O"]
    record, odd = read(f"{shown}Oui, en 2005.\n{hidden}\n")
    of_page, _ = read_document(page.encode("latin-1"))
    assert odd == []
    assert (record.answers, record.closure, record.group) == (of_page.answers, of_page.closure, of_page.group)


def test_what_a_fiche_without_texts_hides_on_the_line_of_its_label():
    page = "\n".join(lines(fiche(NAT="QG", QUEST="", CODRET="REP_PUB", REPONSE="O"))).partition("Texte de")[0]
    record, odd = read(f"{page}DEBAT : VER 12 REP_PUB Bourgogne O\n")
    assert (odd, record.closure, record.group.short) == ([], Closure("REP_PUB"), "VER")
    assert [text.text for text in record.answers] == [None]


FOOT = """
![printer-icon](/extension/printer-icon.gif) Imprimer

![pdf](/extension/pdf.png) Format PDF

![Logo LCP](/logos/LCP.png)
"""


def test_images_of_the_buttons_are_no_answer():
    waiting = PAGE.partition("Elles sont 5")[0].replace("Réponse publiée au JO le : 05/03/2013 page : 2477 ", "")
    record, odd = read(waiting + FOOT)
    assert (record.answers, odd) == ((), [])
    assert read(PAGE + FOOT) == read(PAGE)


SPEECHES = (
    "**M. le président.** La parole est à M. Luc Hameçon, pour exposer sa question, n° 77, relative aux frayères.",
    "**Mme Lise Canne,** _ministre déléguée chargée de la pêche._ Les truites de la Saône, les ombres du bassin versant "
    "de la Vingeanne et les brochets de l'arrière-pays ont frayé. Le gouvernement y veille avec les fédérations.",
)


def test_emphasis_and_lines_as_html2text_writes_them():
    wrapped = "\n\n".join(textwrap.fill(speech, 78) for speech in SPEECHES)
    row = rows(read(PAGE.replace("Elles sont 5 : le Texte de la question le dit.", wrapped))[0]).question
    assert row["answer_text"].split("\n\n") == [speech.replace("_", "*") for speech in SPEECHES]


def test_lines_that_nobody_wrapped_stay():
    lines = ["La parole est à M. Luc Hameçon", "Les truites", "Les ombres de la Saône", "Fin"]
    row = rows(read(PAGE.replace("Elles sont 5", "\n".join(lines)))[0]).question
    assert row["answer_text"].split("\n\n")[:3] == lines[:3]


@pytest.mark.parametrize("bars", ["| {} | {} | |", "{} |  {}  "])
def test_a_fiche_as_a_table_in_markdown(bars):
    rows_ = [
        ("Question N° : **77**", r"de **M. Hameçon Luc** ( Démocrate \- Côte-d'Or ) | **QE**"),
        ("---", "---"),
        ("Ministère interrogé :", "pêche"),
        ("Ministère attributaire :", "mer"),
        ("", "Question publiée au JO le :  **11/12/2002**  page :  **7**"),
        ("", "Réponse publiée au JO le :  **05/03/2003**  page :  **2477**"),
        ("Rubrique :", "eau"),
        ("Tête d'analyse :", "rivières"),
        ("Analyse :", "truites. frayères"),
        ("**_Texte de la QUESTION :_**", "M. Luc Hameçon compte 3 truites."),
        ("**_Texte de la REPONSE :_**", r"Elles sont 5 \* 2."),
    ]
    table = "\n".join(bars.format(*cells) for cells in rows_)
    record, odd = read(f"FICHE QUESTION ** 12ème législature **\n{table}\n\nDEM\n12\nREP\\_PUB\nBourgogne\nO\n")
    assert odd == []
    assert (record.uid, record.author_name, record.group) == (
        "QANR5L12QE77",
        "Luc Hameçon",
        Body(None, "DEM", "Démocrate"),
    )
    assert (record.department, record.ministry_asked.short, record.rubrique) == ("Côte-d'Or", "pêche", "eau")
    assert (record.attributions[-1].ministry.short, record.analyses) == ("mer", ("truites", "frayères"))
    assert [one.jo_page for one in (*record.questions, *record.answers)] == ["7", "2477"]
    assert record.questions[0].text == "M. Luc Hameçon compte 3 truites."
    assert record.answers[0].text == "Elles sont 5 * 2."
    assert record.closure.code == "REP_PUB"


@pytest.mark.parametrize(
    "table",
    [
        "Année | Prises\n---|---\n2010| 12 *net* \n2011|\n",
        "| Année | Prises |\n|-------|:------:|\n| 2010  | 12 *net* |\n| 2011  |  |",
        "| Année | Prises |\n| --- | --- |\n| 2010 | 12 *net* |\n| 2011 | |\n",
    ],
)
def test_a_table_in_markdown(table):
    said = f"Voici.\n\n{table}\nLa suite.\nEt fin.\n"
    row = rows(read(PAGE.replace("Elles sont 5 : le Texte de la question le dit.", said))[0]).question
    assert row["answer_text"] == (
        "Voici.\n\n| Année | Prises |\n| --- | --- |\n| 2010 | 12 *net* |\n| 2011 | |\n\nLa suite.\n\nEt fin."
    )


def test_links_in_a_text():
    said = 'Voir [la note](https://an.fr/n?a=1 "Note"), <https://an.fr/b>, [le texte](/dyn/1) et […](Rires.) [1].'
    row = rows(read(PAGE.replace("Elles sont 5 : le Texte de la question le dit.", said))[0]).question
    assert row["answer_text"] == (
        "Voir [la note](https://an.fr/n?a=1), https://an.fr/b, le texte et […]\\(Rires.) [1]."
    )


def test_a_table_whose_label_stands_beside_the_middle_of_its_text_is_refused():
    beside = " " * 24
    rows_ = [
        beside + "Un.",
        beside + "M. Luc Hameçon. Alors ?",
        "Texte de la réponse :   M. le ministre. Bon.",
        beside + "Merci.",
    ]
    with pytest.raises(RecordError, match="save the page as HTML"):
        read(PAGE.partition("Texte de la réponse")[0] + "\n".join(rows_))


def test_headings_that_are_underlined():
    lined = re.sub(r"^Texte de la .*$", lambda heading: f"{heading[0]}\n{'-' * len(heading[0])}", PAGE, flags=re.M)
    assert read(lined) == read(PAGE)


def test_what_stands_in_parentheses_on_lines_of_its_own():
    shown = fiche(RET="Question retirée", DRET="", CRET="Retrait à l'initiative de l'auteur", CODRET="AU")
    record, odd = read("\n\n".join(lines(re.sub("(<[A-Z]+>)", r"<br>\1", shown))))
    assert (record.closure.code, record.closure.label) == ("AU", "Retrait à l'initiative de l'auteur")
    assert odd == []


def linked(author: str, number: str) -> str:
    return PAGE.replace("M. Luc Hameçon (", f"{author} (").replace("page : 2477", f"page : {number}")


@pytest.mark.parametrize(
    ("page", "deputy_id"),
    [
        (
            linked("[64]M. Luc Hameçon", "[65]2477")
            + "\n   [printer-icon.gif] Imprimer (BUTTON)\n   [pdf.png] Format PDF\n",
            None,
        ),
        (
            linked("M. Luc Hameçon <https://an.fr/fiche/OMC_PA77>", "2477 </static/jo.pdf>")
            + "\nprinter-icon Imprimer\npdf Format PDF\n",
            "PA77",
        ),
        (
            ":::: {.container}\n"
            + linked(
                '[[M. Luc Hameçon](https://an.fr/fiche/OMC_PA77 "Fiche"){target="_blank"}]{.big}',
                "[[2477](/j.pdf)]{.b}",
            ).replace("Rubrique >", r"[Rubrique \> ]{.question_big_content}")
            + "\n::::\n",
            "PA77",
        ),
    ],
    ids=["lynx", "firefox", "pandoc"],
)
def test_as_other_converters_write_it(page, deputy_id):
    record, odd = read(page)
    assert record.deputy_id == deputy_id
    assert (msgspec.structs.replace(record, deputy_id=None), odd) == read(PAGE)


def test_a_page_copied_whole():
    above = "Accueil\nVos députés\nQuestion écrite N°77 de M. Luc Hameçon\nImprimer\nFormat PDF"
    below = "\nImprimer\nFormat PDF\nUne semaine à l'Assemblée\nMentions légales\n"
    assert read(above + PAGE + below) == read(PAGE)


def test_emphasis():
    said = "**M. le président.** La parole est à *Lise* ***Canne***. Et 3 * 4 * 5."
    row = rows(read(PAGE.replace("Elles sont 5", said))[0]).question
    assert row["answer_text"].partition(" : ")[0] == said
    row = rows(read(PAGE.replace("Elles sont 5", "**Lise Canne**_, ministre._ Un nom_de_rivière"))[0]).question
    assert row["answer_text"].partition(" : ")[0] == "**Lise Canne**, *ministre.* Un nom_de_rivière"


@pytest.mark.parametrize("blank", [" ", "    ", "\n", "\xa0\t"])
def test_whatever_became_of_the_tabs(blank):
    assert read(PAGE.replace("\t", blank)) == read(PAGE)
    assert read(PAGE.replace("\t", blank).replace("\n", "\r\n")) == read(PAGE)


def test_everything_on_one_line():
    head, _, texts = PAGE.partition("Texte de la question")
    line = (
        " ".join(head.split())
        + " Texte de la question "
        + " ".join(texts.replace("Texte de la question", "texte").split())
    )
    record, odd = read(line)
    assert odd == []
    expected = read(PAGE)[0]
    assert [one.text and one.text.split()[:3] for one in (*record.questions, *record.answers)] == [
        ["M.", "Luc", "Hameçon"],
        ["Elles", "sont", "5"],
    ]
    assert (record.author_name, record.department, record.analyses) == (
        expected.author_name,
        expected.department,
        expected.analyses,
    )
    assert record.attributions == expected.attributions


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
def test_its_bytes(encoding):
    assert read_document(PAGE.encode(encoding)) == read(PAGE)


FOOTER = "Imprimer Format PDF LCP Accédez à toute l'actualité de la Chaine Parlementaire OPEN DATA Accédez à toutes les données de l'Assemblée nationale ©Tous droits réservés Assemblée nationale 2019 | Mentions légales"


@pytest.mark.parametrize(
    "left_out", ["", "Imprimer Format PDF ", FOOTER.partition("OPEN")[0], FOOTER.partition("©")[0]]
)
@pytest.mark.parametrize("alert", ["", " Être alerté(e) de la réponse"])
def test_a_page_copied_on_one_line_has_no_footer_for_an_answer(left_out, alert):
    menus = "Assemblée nationale Accueil Vous êtes ici : Accueil Question écrite N°77 de M. Luc Hameçon Imprimer Format PDF "
    page = " ".join(
        PAGE.partition("Elles")[0].replace(" Réponse publiée au JO le : 05/03/2013 page : 2477", "").split()
    )
    record, odd = read(f"{menus}{page}{alert} {FOOTER.removeprefix(left_out)}")
    assert odd == []
    assert (record.answers, rows(record).question["answer_text"]) == ((), None)
    whole = " ".join(PAGE.split())
    record, odd = read(f"{menus}{whole} {FOOTER.removeprefix(left_out)}")
    assert (odd, rows(record)) == ([], rows(read(whole)[0]))


PRINTED = [
    (
        "12/03/2020, 10:11        Question N°77 - Assemblée nationale\n",
        "https://questions.an.fr/q14/14-77QE.htm    {}/2\n",
    ),
    (
        "Question N°77 - Assemblée nationale      https://questions.an.fr/q14/14-77QE.htm\n",
        "{} sur 2     12/03/2020 10:11\n",
    ),
    ("", "Page {} sur 2\n"),
]


@pytest.mark.parametrize(("above", "below"), PRINTED)
def test_what_a_browser_prints_on_each_page_is_no_text(above, below):
    first, middle, rest = PAGE.partition("Il en veut 4.\n")
    printed = f"{above}{first}{below.format(1)}\f{above}{middle}{rest}\n{below.format(2)}\f"
    assert read(printed) == read(PAGE)
    hidden = "\n".join(lines(fiche(DPR="01/02/2005", PGREP="9", REP="Oui, en 2005.", CODRET="REP_PUB", REPONSE="O")))
    assert read(f"{above}{hidden}\n{below.format(1)}") == read(hidden)


FOOT_LINES = [
    "Imprimer", "Format PDF", "LCP", "Accédez à toute", "l'actualité de", "la Chaine Parlementaire", "OPEN DATA",
    "Accédez à toutes", "les données de", "l'Assemblée nationale", "BOUTIQUE DE L'ASSEMBLEE", "UNE SEMAINE À L'ASSEMBLÉE",
    "Inscrivez-vous à notre lettre Une semaine à l'Assemblée et recevez tous les vendredis les temps forts !",
    "S'ABONNER À UN SERVICE", "OUTIL D'ÉVALUATION LEXIMPACT", "©Tous droits réservés Assemblée nationale 2019",
]  # fmt: skip


@pytest.mark.parametrize("begin", [0, 1, 2, 6, *range(10, 16)])
@pytest.mark.parametrize("how", [str, str.upper, lambda text: text.replace("\n", " ")])
def test_whatever_part_of_the_footer_a_copy_has_it_is_no_answer(begin, how):
    waiting = PAGE.partition("Elles sont 5")[0].replace("Réponse publiée au JO le : 05/03/2013 page : 2477 ", "")
    record, odd = read(waiting + how("\n".join(FOOT_LINES[begin:])))
    assert (record.answers, odd) == ((), [])
    assert read(PAGE + how("\n".join(FOOT_LINES[begin:]))) == read(PAGE)
    assert read(f"{PAGE}\n{FOOT_LINES[0]}\n") == read(f"{PAGE}\n{FOOT_LINES[1]}\n") == read(PAGE)


def test_words_parted_behind_their_hyphens():
    whole = PAGE.replace("Côte-d'Or", "Seine-et-Marne").replace("rivières", "sous-bassins du Lez-Mosson")
    parted = whole.replace("Seine-et-M", "Seine-et-\n M").replace("sous-b", "sous-\nb").replace("Lez-M", "Lez-\nM")
    assert read(parted) == read(whole)


@pytest.mark.parametrize("end", ["Elles sont 5 : le Texte", "M. Luc Hameçon compte 3 truites,", "Il en veut 4."])
def test_a_copy_that_is_cut_says_so(end):
    page = PAGE[: PAGE.index(end) + len(end)]
    assert [anomaly.kind for anomaly in read(page)[1]] == ["truncated"]
    assert read(f"{page}\n{FOOTER}")[1] == []


def test_without_an_answer():
    record, odd = read(
        PAGE.partition("Elles")[0].replace(
            " Réponse publiée au JO le : 05/03/2013 page : 2477", "\tQuestion retirée le: 06/03/2013 (Fin de mandat)"
        )
        + "Être alerté(e) de la réponse\n"
    )
    assert odd == []
    assert record.answers == ()
    assert record.closure == Closure(None, "Fin de mandat", "06/03/2013")


@pytest.mark.parametrize(
    "change", [str, lambda text: text.replace(" : ", " :\n"), lambda text: text.replace(" page", "\npage")]
)
def test_dates_on_lines_of_their_own(change):
    dates = "Question publiée au JO le : 11/12/2012 page : 7\nQuestion retirée le : 06/03/2013\n( Caducité )\n"
    head, _, texts = PAGE.partition("Question publiée")
    record, odd = read(head + change(dates) + texts[texts.index("\nTexte") :])
    assert odd == []
    assert (record.questions[0].jo_date, record.questions[0].jo_page) == ("11/12/2012", "7")
    assert record.closure == Closure(None, "Caducité", "06/03/2013")


def test_the_text_of_a_fiche():
    record, odd = read("""FICHE QUESTION
8ème législature
Question N° : 39461  de  M.   de Rocca Serra Camille  (  Socialiste  - Pas-de-Calais )  QG
Ministère interrogé :
pêche
Ministère attributaire :\tpêche
Question publiée au JO le :  25/04/1988  page :  1723
Réponse publiée au JO le :  25/04/1988  page :  1723
Rubrique :
Eau
Tête d'analyse :
Rivieres
Analyse :
Truites; frayeres
Texte de la QUESTION :

DEBAT :
M. Camille de Rocca Serra. Alors ?
""")
    assert odd == []
    assert (record.uid, record.author_name, record.questions) == ("QANR5L8QG39461", "Camille de Rocca Serra", ())
    assert (record.ministry_asked.short, record.rubrique, record.tete_analyse) == ("pêche", "Eau", "Rivieres")
    assert record.analyses == ("Truites", "frayeres")
    assert (record.answers[0].jo_page, record.answers[0].text) == ("1723", "M. Camille de Rocca Serra. Alors ?")


FICHE = """10ème législature
Question N° : 12\tde M. Hameçon Luc ( Verts - Ain )\tQG
Ministère interrogé :\tpêche
Question publiée au JO le : 05/10/1994 page : 7
Réponse publiée au JO le : 05/10/1994 page : 7
Rubrique :\tEau
DEBAT :\tM. Luc Hameçon. Alors ?
"""


@pytest.mark.parametrize("change", [str, lambda text: text.replace("\t", "   "), lambda text: " ".join(text.split())])
def test_a_debate_on_the_line_of_its_label(change):
    record, odd = read(change(FICHE))
    assert odd == []
    assert (record.uid, record.author_name, record.questions) == ("QANR5L10QG12", "Luc Hameçon", ())
    assert record.answers[0].text == "M. Luc Hameçon. Alors ?"


def test_an_answer_that_is_dated_and_has_no_text():
    record, odd = read(FICHE.partition("M. Luc Hameçon. Alors ?")[0])
    assert odd == []
    found = rows(record)
    assert (found.question["status"], found.question["answer_date"].isoformat()) == ("answered", "1994-10-05")
    assert [one.kind for one in found.anomalies] == ["answer_missing"]


@pytest.mark.parametrize("lost", ["14ème législature", "Question N° : 77", "Question écrite\n"])
def test_what_must_be_there(lost):
    with pytest.raises(RecordError) as error:
        read(PAGE.replace(lost, ""))
    assert error.value.rule in ("missing", "form")


def test_what_is_not_known_is_told():
    record, odd = read(PAGE.replace("Rubrique", "Du neuf\nRubrique"))
    assert [(one.kind, one.value) for one in odd] == [("unknown_key", "Du neuf")]
    assert record.rubrique == "eau"
