"""The plain text of a dyn page says what the page says, in lines and with a browser's line ends, with invented words."""

import re

import msgspec
import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.markup import lines
from tests.parse import test_dyn_page

SEANCE = """<p class="h6 _colored-primary">Date de la séance :
 <span class="_regular">La question a été posée au Gouvernement en séance, parue dans le journal officiel le {}</span></p>"""
ORAL = {
    "uid": "QANR5L16QOSD200",
    "kind": "Question orale",
    "answered": "Réponse  en séance, et publiée   le 24 mai 2023",
    "dates": SEANCE.format("16 mai 2023"),
    "links": test_dyn_page.LINKS.partition("<br/>")[0].replace("26 juillet 2022, page 3501", "16 mai 2023"),
}
QG = {
    "uid": "QANR5L16QG200",
    "kind": "Question au Gouvernement",
    "links": "",
    "answered": "",
    "dates": SEANCE.format("26 octobre 2022"),
    "after_author": ", posée en séance, et publiée le 26 octobre 2022   ",
}
WITHDRAWN = {
    "answered": "",
    "links": test_dyn_page.LINKS.partition("<br/>")[0],
    "dates": "",
    "more": '<p class="h6">Question retirée le : <span>5 août 2022 (Fin de mandat)</span></p>',
}


def text_of(page: bytes, end: str = "\n") -> str:
    source = page.decode()
    return end.join(
        ["Assemblée nationale", *lines(source[source.index('<div class="an-bloc') : source.index("<footer")])]
    )


PAGE = text_of(test_dyn_page.page())


@pytest.mark.parametrize("changes", [{}, ORAL, QG, WITHDRAWN], ids=["QE", "QOSD", "QG", "withdrawn"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n\n", "\v\n", "\u2028"])
def test_the_same_as_the_page(changes, end):
    page = test_dyn_page.page(**changes)
    expected, _ = read_document(page)
    record, odd = read_document(text_of(page, end).encode())
    assert odd == []
    told, written = rows(record), rows(expected)
    for row in (told.question, written.question):
        for name in (
            "record_sha256",
            "deputy_id",
            "question_text",
            "answer_text",
        ):  # a text has neither link nor markup
            row.pop(name)
    assert told.question == written.question
    for name in ("question_texts", "answer_texts"):
        for table in (told.children, written.children):
            table[name] = [{**row, "text": " ".join((row["text"] or "").split())} for row in table[name]]
    assert told.children == written.children


@pytest.mark.parametrize("title", ["Publication de la liste des morts en mer", "Bilan de la 15e législature"])
def test_a_title_that_reads_as_a_line_of_the_head(title):
    record, odd = read_document(text_of(test_dyn_page.page(title=title)).encode())
    assert (odd, record.analyses) == ([], (title,))


@pytest.mark.parametrize("end", ["\n", " "])
def test_a_name_with_the_department_of_its_bearer(end):
    page = test_dyn_page.page(author="Mme Lise Canne (Gironde) (Nouvelle-Aquitaine - Verts)")
    record, odd = read_document(text_of(page, end).encode())
    assert (odd, record.author_name, record.group.name) == ([], "Lise Canne (Gironde)", "Verts")


def test_values_below_their_labels():
    text = text_of(test_dyn_page.page().replace(b">Eau<", ">retraites : généralités<".encode()))
    head, title, keys = text.partition("Données clés")
    below = re.sub(r"( :| publiée le) ", r"\1\n", keys).replace("retraites :\n", "retraites : ")
    record, odd = read_document(f"{head}{title}{below}".encode())
    assert "Rubrique :\nretraites : généralités\n" in below
    assert (odd, record.rubrique) == ([], "retraites : généralités")
    assert rows(record) == rows(read_document(text.encode())[0])


def test_its_lines_and_its_italics():
    record, _ = read_document(PAGE.replace("Il en veut 4.", "\nIl en veut *quatre* & < 5.").encode())
    row = rows(record).question
    assert row["question_text"] == "M. Luc Hameçon compte 3 truites.\n\nIl en veut *quatre* & < 5."
    assert row["answer_text"] == "Elles sont 5."


def test_without_its_key_data_or_with_wrapped_lines():
    record, odd = read_document(PAGE.partition("Données clés")[0].encode())
    assert odd == []
    assert (record.answers[0].jo_page, record.ministry_asked.short) == ("4253", None)
    wrapped = (
        PAGE.replace("Officiel du", "Officiel\ndu")
        .replace("Question de : ", "Question de :\n")
        .replace(" : Pêche", " :\nPêche")
    )
    assert read_document(wrapped.encode()) == read_document(PAGE.encode())


FOOTER = "\npartager\nLCP\nAccédez à toute\nl'actualité de\nla Chaine Parlementaire\n©Tous droits réservés Assemblée nationale\n"


def test_the_footer_is_no_answer():
    before = PAGE.partition("Données clés")[0]
    assert read_document((before + FOOTER).encode()) == read_document(before.encode())
    assert read_document((before + FOOTER.replace("partager", "")).encode()) == read_document(before.encode())
    assert read_document((PAGE + FOOTER).encode()) == read_document(PAGE.encode())


@pytest.mark.parametrize("changes", [{}, ORAL, QG, WITHDRAWN], ids=["QE", "QOSD", "QG", "withdrawn"])
def test_a_page_copied_on_one_line(changes):
    text = text_of(test_dyn_page.page(**changes))
    record, odd = read_document(" ".join((text + FOOTER).split()).encode())
    assert odd == []
    in_lines = rows(read_document(text.encode())[0])
    for name in ("question", "answer"):
        in_lines.question[f"{name}_text"] = " ".join((in_lines.question[f"{name}_text"] or "").split()) or None
    row = rows(record).question
    assert row | {"record_sha256": ""} == in_lines.question | {"record_sha256": ""}


def test_a_copy_that_ends_in_mid_sentence_says_so():
    cut = PAGE.partition("Données clés")[0].rstrip().rstrip(".")
    assert [one.kind for one in read_document(cut.encode())[1]] == ["truncated"]


def test_as_a_converter_writes_it():
    marked = (
        PAGE.replace("Question écrite n°", "#### Question écrite n°")
        .replace("Question de :", "**Question de :**")
        .replace("Réponse publiée le 1er août 2022\nElles", "**Réponse publiée le 1er août 2022**\n\nElles")
        .replace("Données clés", "Données clés\n\n---\n")
        .replace("3501", "3501](/jo.pdf)")
        .replace("Publication de la question", "[Publication de la question")
        .replace("Auteur : ", "**Auteur :** [")
        .replace("NUPES)\nType", "NUPES)](https://www.assemblee-nationale.fr/dyn/deputes/PA77)\nType")
    )
    record, odd = read_document(marked.encode())
    assert record.deputy_id == "PA77"
    assert (msgspec.structs.replace(record, deputy_id=None), odd) == read_document(PAGE.encode())


def test_what_is_not_known_is_told():
    record, odd = read_document(PAGE.replace("Dates :", "Couleur : bleu\nDates :").encode())
    assert [(one.kind, one.what, one.value) for one in odd] == [("unknown_key", "couleur", "bleu")]
    assert record.rubrique == "Eau"
