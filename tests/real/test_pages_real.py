"""The real documents of ../shared: each column against a value written by eye, each text against another reader."""

import json
import re
from pathlib import Path

import pytest

from etl.normalise.rows import rows
from etl.parse.forms import read_document
from tests.rendered import source_lines

SHARED = Path(__file__).parents[3] / "shared"
GOLDEN = sorted((Path(__file__).parent / "golden_pages").glob("*.json"))


def document(name: str) -> bytes:
    for path in [*SHARED.glob(f"realdata/pages/{name}.*"), *SHARED.glob(f"seeds/{name}.*")]:
        return path.read_bytes()
    pytest.skip(f"../shared has no {name}")


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def words(html: str) -> str:
    return letters("".join(source_lines(html)))


def between(source: str, start: str, ends: str) -> str:
    found = re.search(f"{start}(.*?)(?:{ends})", source, re.DOTALL)
    return words(found[1]) if found else ""


def other_reading(name: str, raw: bytes) -> tuple[str, str]:
    """Question and answer as another reader has them."""
    if name.startswith(("leg_08", "leg_09", "leg_10", "leg_11")):
        source = raw.decode("latin-1")
        return between(source, "<QUEST>", "</QUEST>"), between(source, "<REP>", "</REP>")
    source = raw.decode()
    if name.startswith("leg_"):
        return (
            between(source, "<h3>Texte de la question</h3>", '<div class="answer">'),
            between(source, '<div class="reponse_contenu">', "</section>"),
        )
    if name.startswith("q14"):
        texts = re.findall(r"<TEXTE_(?:DEPOT|REPONSE)>\s*<!\[CDATA\[(.*?)\]\]>", source, re.DOTALL)
        return words(texts[0]), words(texts[1])
    _, _, texts = source.partition("Texte de la question\n")
    question, _, answer = texts.partition("Texte de la réponse\n")
    return letters(question), letters(answer)


def as_json(row: dict) -> dict:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_real_document(path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    raw = document(path.stem)
    record, odd = read_document(raw)
    found = rows(record)
    question = as_json(found.question)
    texts = {name: question.pop(f"{name}_text") or "" for name in ("question", "answer")}
    question.pop("record_sha256")
    assert question == golden["question"]
    children = {name: [as_json(row) for row in table] for name, table in found.children.items()}
    assert [[row["ministry"], row["jo_date"]] for row in children["attributions"]] == golden["attributions"]
    for name in ("question_texts", "answer_texts"):
        told = [[row["jo_type"], row["jo_date"], row["jo_page"], row["erratum"]] for row in children[name]]
        assert told == golden[name]
    assert [one.kind for one in (*odd, *found.anomalies)] == golden["anomalies"]
    assert [name for name, text in texts.items() if text] == golden["texts"]
    assert (letters(texts["question"]), letters(texts["answer"])) == other_reading(path.stem, raw)
    assert not any(re.search(r"<\w|</", text) for text in texts.values())


def test_every_real_document_has_its_golden_values():
    there = {path.stem for path in [*SHARED.glob("realdata/pages/*"), *SHARED.glob("seeds/*.txt")]}
    if not there:
        pytest.skip("../shared is not there")
    assert {path.stem for path in GOLDEN} == there


def test_every_cell_of_the_table():
    record, _ = read_document(document("q14_14-47351QE"))
    lines = [line for line in rows(record).question["answer_text"].splitlines() if line.startswith("|")]
    assert len(lines) == record.answers[0].text.count("<tr>") + 1
    assert {line.count("|") for line in lines} == {8}


def test_the_seed_with_its_tabs_lost():
    raw = document("000_295f2bb6338a6d45")
    assert b"\t" in raw
    assert read_document(raw.replace(b"\t", b"   ")) == read_document(raw)
    assert read_document(raw.replace(b"\t", b" ").replace(b"\n", b"\r\n")) == read_document(raw)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_cut_anywhere_it_is_read_or_refused(path):
    from etl.parse.record import RecordError

    raw = document(path.stem)
    for cut in range(0, len(raw), max(1, len(raw) // 40)):
        try:
            read_document(raw[:cut])
        except RecordError as error:
            assert error.rule
