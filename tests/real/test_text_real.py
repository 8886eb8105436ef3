"""The real texts of ../shared/realdata, against another parser: nothing lost, nothing added, nothing left."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from markdown_it import MarkdownIt

from etl.normalise.text import clean_label, to_markdown
from tests.rendered import blocks, source_lines

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


def texts_of(archive: str) -> dict[str, list[str]]:
    """By uid, the texts that an archive's questions hold, as they are sent."""
    with zipfile.ZipFile(real(f"json/{archive}")) as members:
        documents = [json.loads(members.read(name)) for name in members.namelist() if name.endswith(".json")]
    questions = [document["question"] for document in documents if "question" in document]
    for document in documents:
        questions += next(iter(document.values()))["question"] if "question" not in document else []
    return {question["uid"]: list(texts_in(question)) for question in questions}


def texts_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "texte" and isinstance(value, str):
                yield value
            else:
                yield from texts_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from texts_in(item)


@pytest.mark.parametrize(
    "archive",
    [
        "L14_Questions_orales_sans_debat_XIV.sample.json.zip",
        "L15_Questions_gouvernement_XV.sample.json.zip",
        "L16_Questions_gouvernement.sample.json.zip",
    ],
)
def test_every_line_of_every_text_is_a_block_of_its_own(archive):
    """Breaks and paragraphs, letters, signs and spaces are those that a browser shows of the source."""
    found = texts_of(archive)
    assert len(found) >= 400
    for uid, sent in found.items():
        for text in sent:
            assert [block for block in blocks(to_markdown(text)) if block] == source_lines(_whole(text)), uid


def _whole(text: str) -> str:
    """Without the cut tag that six texts of the XIV end in."""
    return re.sub(r"<[A-Za-z]*\Z", "", text)


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
    assert letters(markdown) == letters("".join(source_lines(sent)))
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
