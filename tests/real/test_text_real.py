"""The real texts of ../shared/realdata, against another parser: nothing lost, nothing added, nothing left."""

import json
import re
import zipfile
from pathlib import Path

import lxml.html
import pytest
from markdown_it import MarkdownIt

from etl.normalise.text import clean_label, to_markdown

REAL = Path(__file__).parents[3] / "shared" / "realdata"


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def other_reading(fragment: str) -> str:
    return lxml.html.fromstring(f"<div>{fragment.removeprefix('</p>')}</div>").text_content()


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


@pytest.mark.parametrize(
    "archive",
    ["L15_Questions_gouvernement_XV.sample.json.zip", "L16_Questions_gouvernement.sample.json.zip"],
)
def test_every_debate(archive):
    parser = MarkdownIt("commonmark")
    with zipfile.ZipFile(real(f"json/{archive}")) as members:
        for name in members.namelist():
            if not name.endswith(".json"):
                continue
            question = json.loads(members.read(name))["question"]
            sent = question["textesReponse"]["texteReponse"]["texte"]
            markdown = to_markdown(sent)
            assert letters(markdown) == letters(other_reading(sent)), name
            assert not re.search(r"<\w|</|  |\xa0|\n\n\n", markdown), name
            # The title stands alone, and a speaker's name opens each speech.
            title, speech = markdown.split("\n\n")[:2]
            assert title.replace("*", "") == clean_label(other_reading(sent.partition("</p><br>")[0])), name
            assert speech.startswith("**"), name
            html = parser.render(markdown)
            assert "*" not in html, name
            assert letters(lxml.html.fromstring(f"<div>{html}</div>").text_content()) == letters(markdown), name


def test_an_answer_with_a_table():
    page = real("pages/q14_14-47351QE.xml").read_text(encoding="utf-8")
    sent = re.search(r"<TEXTE_REPONSE>\s*<!\[CDATA\[(.*?)\]\]>", page, re.DOTALL)[1]
    markdown = to_markdown(sent)
    assert letters(markdown) == letters(other_reading(sent))
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(lines) == sent.count("<tr>") + 1
    assert {line.count("|") for line in lines} == {8}


@pytest.mark.parametrize("page", ["leg_08-qe_ar", "leg_09-qosd", "leg_10-qg", "leg_11-qosd"])
def test_texts_of_the_old_pages(page):
    source = real(f"pages/{page}.html").read_bytes().decode("latin-1")
    texts = re.findall(r"<(QUEST|REP)>(.*?)(?:</\1>|</TD>)", source, re.DOTALL)
    assert texts
    for _, sent in texts:
        markdown = to_markdown(sent)
        assert letters(markdown) == letters(other_reading(f"<p>{sent}"))
        assert not re.search(r"<\w|</|  ", markdown)


@pytest.mark.parametrize("page", ["leg_14-qe-ar", "leg_14-qosd", "leg_15-qe-sr", "leg_15-qg", "leg_16-qe-ar"])
def test_texts_of_the_newer_pages(page):
    tree = lxml.html.fromstring(real(f"pages/{page}.html").read_bytes().decode())
    blocks = tree.xpath("//div[@class='question' or contains(@class, 'reponse_contenu')]")
    assert blocks
    for block in blocks:
        markdown = to_markdown(lxml.html.tostring(block, encoding="unicode", with_tail=False))
        assert letters(markdown) == letters(block.text_content())
        assert not re.search(r"<\w|</|  ", markdown)
