"""Which form a document has; that no bytes at all do more than be refused; unit JSON and XML."""

import base64
import json
import quopri
import re
import time
import unicodedata
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from etl.normalise.rows import rows
from etl.parse import opendata_json
from etl.parse.forms import read_document
from etl.parse.record import RecordError
from tests.parse import test_dyn_page, test_dyn_text, test_fiche, test_page, test_plain, test_vue_xml

UNIT = {
    "question": {
        "@xmlns": "http://schemas.assemblee-nationale.fr/referentiel",
        "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "@xsi:type": "QuestionEcrite_Type",
        "uid": "QANR5L16QE7",
        "identifiant": {"numero": "7", "regime": "5eme Republique", "legislature": "16"},
        "type": "QE",
        "indexationAN": {"rubrique": "eau", "teteAnalyse": None, "analyses": {"analyse": ["truites", "ombres"]}},
        "auteur": {
            "identite": {"acteurRef": "PA7", "mandatRef": "PM7"},
            "groupe": {"organeRef": "PO7", "abrege": "V", "developpe": "Verts"},
        },
        "minInt": {"organeRef": "PO8", "abrege": "Pêche", "developpe": "Ministère de la pêche"},
        "minAttribs": {
            "minAttrib": [
                {
                    "infoJO": {"typeJO": "JO_QUESTION", "dateJO": day},
                    "denomination": {"organeRef": organ, "abrege": "M"},
                }
                for day, organ in (("2023-01-10", "PO8"), ("2023-02-10", "PO9"))
            ]
        },
        "textesQuestion": {
            "texteQuestion": {
                "infoJO": {"typeJO": "JO_QUESTION", "dateJO": "2023-01-10", "pageJO": "4"},
                "texte": "Où < ? &amp; <b>3</b>",
            }
        },
        "textesReponse": None,
        "cloture": None,
        "signalement": {"@xsi:nil": "true"},
        "renouvellements": {
            "renouvellement": [{"infoJO": {"dateJO": "2023-03-14"}}, {"infoJO": {"dateJO": "2023-06-13"}}]
        },
    }
}
JSON = json.dumps(UNIT).encode()


def as_xml(name: str, value) -> str:
    """The element that has this JSON form."""
    if isinstance(value, list):
        return "".join(as_xml(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}/>" if value is None else f"<{name}>{escape(value)}</{name}>"
    attributes = "".join(f' {key[1:]}="{one}"' for key, one in value.items() if key.startswith("@"))
    inner = "".join(as_xml(key, one) for key, one in value.items() if not key.startswith("@"))
    return f"<{name}{attributes}>{inner}</{name}>"


XML = ('<?xml version="1.0" encoding="UTF-8"?>\n' + as_xml("question", UNIT["question"])).encode()
WITH_A_TEXT = [
    JSON,
    XML,
    test_vue_xml.PAGE.encode(),
    test_plain.PAGE.encode(),
    test_fiche.fiche(DPR="01/02/2005", PGREP="9", REP="Oui.", CODRET="REP_PUB").encode("latin-1"),
    test_page.page(answer="Oui."),
    test_page.second_layout(answer="Oui."),
    test_dyn_page.page(),
    test_dyn_text.PAGE.encode(),
]
PAGES = WITH_A_TEXT[4:8]


def test_unit_json_and_xml_are_the_same_question():
    assert read_document(JSON) == opendata_json.read(JSON, item=False)
    assert read_document(b"\xef\xbb\xbf\n" + JSON) == read_document(JSON)
    record, odd = read_document(XML)
    assert odd == []
    assert (record, odd) == read_document(JSON)
    assert rows(record).question["question_text"] == "Où < ? & **3**"


def test_a_unit_document_without_the_wrapper_of_the_archives():
    assert read_document(json.dumps(UNIT["question"]).encode()) == read_document(JSON)


def test_unit_xml_with_markup_that_was_not_escaped():
    markup = XML.replace(b"&lt; ? &amp;amp; &lt;b&gt;3&lt;/b&gt;", b"<!-- DEBTAB --><b>3</b> et <i>4</i> cinq")
    assert markup != XML
    record, odd = read_document(markup)
    assert odd == []
    assert rows(record).question["question_text"] == "Où **3** et *4* cinq"


def test_unit_xml_with_an_element_that_is_not_known():
    record, odd = read_document(XML.replace(b"<type>", b"<neuf a='b'>x</neuf><type>"))
    assert [(one.kind, one.what) for one in odd] == [("unknown_key", "question.neuf")]
    assert record.number == 7


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (r"<((?!!|br|meta)\w+)(?=[\s>])", r"""<\1 data-x="a->b" style='c:d'"""),
        (r"(<(?:div|p|td|span)\b[^<>]*>)(?=[^<]*:)", r"\1<!-- a: <b>c</b> -->"),
        (r"(?<=>)((?:Question|Texte)\s)", "\\1\u200b\ufeff"),
        (r"(?<=Question)\s(?=N°)", "&#160;"),
        (r"(?<=Question N)°", "&#xB0;"),
    ],
)
def test_what_no_reader_sees_changes_nothing(page, pattern, by):
    changed = re.sub(pattern, by, page.decode("cp1252" if b"<LEG>" in page else "utf-8"))
    record, odd = read_document(changed.encode())
    assert odd == []
    assert rows(record) == rows(read_document(page)[0])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_written_out_as_xhtml(page):
    """Every empty element as XML writes it, also a script, and a field of the old pages."""
    source = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    source = source.replace("<title>", "<script src='menu.js'></script><title>", 1)
    tree = html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8"))
    written = html.tostring(tree, method="xml")
    record, odd = read_document(written)
    assert b"/>" in written
    assert odd == []
    assert rows(record) == rows(read_document(page)[0])


def saved_as_html(text: str) -> bytes:
    """As Word and mail write what was pasted: a paragraph for each line."""
    paragraphs = "".join(
        f"<p class=MsoNormal><span lang=FR>{escape(line)}<o:p></o:p></span></p>\n" for line in text.split("\n")
    )
    return f"<html xmlns:o='urn:schemas-microsoft-com:office:office'><body lang=FR>{paragraphs}</body></html>".encode()


@pytest.mark.parametrize("page", [test_plain.PAGE, test_dyn_text.PAGE], ids=["plain", "dyn"])
def test_a_copy_that_was_saved_as_html(page):
    record, odd = read_document(saved_as_html(page))
    assert odd == []
    assert rows(record).question | {"record_sha256": "", "question_text": ""} == (
        rows(read_document(page.encode())[0]).question | {"record_sha256": "", "question_text": ""}
    )


def test_many_lines_saved_as_html_do_not_make_it_hang():
    before, named, after = test_plain.PAGE.partition("Hameçon")
    assert seconds(saved_as_html(before + "| ---\n" * 4_000 + named + after)) < 0.5


def test_a_dyn_page_without_its_attributes():
    page = test_dyn_page.page()
    bare = re.sub(rb"<([a-z]\w*)\b[^<>]*>", rb"<\1>", page)
    record, odd = read_document(bare)
    assert odd == []
    assert record.uid == read_document(page)[0].uid
    assert rows(record).question["answer_text"] is not None


def as_shown(page: bytes) -> bytes:
    """The source of a page, shown as a page: each of its lines is a paragraph."""
    source = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    shown = "".join(
        f'<p class="p1"><span class="s1">{escape(one) or "<br>"}</span></p>\n' for one in source.split("\n")
    )
    return f"<!DOCTYPE html>\n<html><head><title></title></head>\n<body>\n{shown}</body></html>".encode()


@pytest.mark.parametrize("page", PAGES)
def test_the_source_of_a_page_shown_as_a_page(page):
    record, odd = read_document(as_shown(page))
    assert odd == []
    assert rows(record) == rows(read_document(page)[0])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("encoded", [quopri.encodestring, base64.encodebytes], ids=["quoted-printable", "base64"])
def test_a_page_in_one_file_or_in_a_mail(page, encoded):
    way = b"quoted-printable" if encoded is quopri.encodestring else b"base64"
    mail = (
        b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary="=_b"\r\n\r\n'
        b"--=_b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n"
        b"--=_b\r\nContent-Type: text/css\r\n\r\np {}\r\n--=_b--\r\n"
    )
    assert read_document(mail % (way, encoded(page))) == read_document(page)
    with pytest.raises(RecordError, match="without a page in it"):
        read_document(mail.replace(b"text/html", b"text/plain") % (way, encoded(page)))
    with pytest.raises(RecordError, match="without end"):
        read_document(b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\n" * 20_000)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_saved_by_a_browser(page):
    """The tree that a browser makes of it, written out: tags closed, quotes added, accents as references, <tbody>."""
    source = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    saved = html.tostring(html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8")))
    assert saved.isascii()
    saved = saved.replace(b"</table>", b"</tbody></table>").replace(b"<tr>", b"<tbody><tr>", 1)
    record, odd = read_document(saved)
    assert odd == []
    assert rows(record) == rows(read_document(page)[0])


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_encoded_twice(page):
    once = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    assert not once.isascii()
    twice = once.encode().decode("cp1252").encode()
    record, odd = read_document(twice)
    assert [one.kind for one in odd] == ["bad_encoding"]
    assert rows(record) == rows(read_document(page)[0])


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_windows_1252_whatever_the_page_says(page):
    whole = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    typeset = whole.replace("3 truites", "3 « truites\xa0», d’É»").replace("ISO-8859-1", "utf-8")
    record, odd = read_document(typeset.encode("cp1252"))
    expected, _ = read_document(typeset.encode())
    assert rows(record) == rows(expected)
    assert {anomaly.kind for anomaly in odd} <= {"bad_encoding"}
    assert odd or b"charset" not in page.lower()


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_utf_8_with_a_few_bytes_of_windows_1252(page):
    whole = page.decode("cp1252" if b"<LEG>" in page else "utf-8").replace("3 truites", "3 « truites\xa0» → ω, l’été")
    raw = whole.encode().replace("l’été".encode(), "l’été".encode("cp1252"))
    record, odd = read_document(raw)
    assert [anomaly.kind for anomaly in odd] == ["bad_encoding"]
    assert rows(record) == rows(read_document(whole.encode())[0])


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_encoded_twice_in_a_part(page):
    whole = page.decode("cp1252" if b"<LEG>" in page else "utf-8").replace("3 truites", "3 truites → ω, d’Île")
    twice = whole.replace("Hameçon", "Hameçon".encode().decode("cp1252"))
    record, odd = read_document(twice.encode())
    assert [anomaly.kind for anomaly in odd] == ["bad_encoding"]
    assert rows(record) == rows(read_document(whole.encode())[0])


@pytest.mark.parametrize("form", range(len(WITH_A_TEXT)))
def test_utf_16(form):
    raw = WITH_A_TEXT[form]
    text = raw.decode("latin-1" if b"\xb0" in raw and b"\xc2\xb0" not in raw else "utf-8")
    record, odd = read_document(text.encode("utf-16"))
    assert record == read_document(raw)[0]
    assert odd == read_document(raw)[1]
    assert read_document(re.sub('(?i)encoding="utf-8"', 'encoding="UTF-16"', text).encode("utf-16"))[1] == odd


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_encoded_thrice(page):
    text = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    record, odd = read_document(text.encode().decode("latin-1").encode().decode("latin-1").encode())
    assert [one.kind for one in odd] == ["bad_encoding"]
    assert rows(record) == rows(read_document(page)[0])


def test_json_in_windows_1252():
    raw = json.dumps(UNIT, ensure_ascii=False).replace("Où", "Où « à »")
    record, odd = read_document(raw.encode("cp1252"))
    assert [anomaly.kind for anomaly in odd] == ["bad_encoding"] or not odd
    assert record == read_document(raw.encode())[0]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (test_plain.PAGE.encode("mac-roman"), "neither UTF-8 nor windows-1252"),
        (test_plain.PAGE.encode("ascii", "replace").replace(b"?", "\ufffd".encode()), "lost"),
    ],
)
def test_letters_that_cannot_be_had_back_are_refused(raw, why):
    with pytest.raises(RecordError, match=why) as caught:
        read_document(raw)
    assert caught.value.rule == "encoding"


@pytest.mark.parametrize("page", [test_plain.PAGE.encode(), *PAGES])
def test_accents_beside_their_letters(page):
    once = page.decode("cp1252" if b"<LEG>" in page else "utf-8")
    apart = unicodedata.normalize("NFD", once)
    assert apart != once
    assert rows(read_document(apart.encode())[0]) == rows(read_document(page)[0])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_cut_anywhere_is_refused_or_says_so(page):
    whole = rows(read_document(page)[0])
    for end in range(len(page)):
        try:
            record, odd = read_document(page[:end])
        except RecordError:
            continue
        assert "truncated" in {one.kind for one in odd} or rows(record) == whole, page[:end][-60:]


def test_xml_encoded_twice():
    twice = test_vue_xml.PAGE.encode().decode("latin-1").encode()
    assert rows(read_document(twice)[0])[:2] == rows(read_document(test_vue_xml.PAGE.encode())[0])[:2]


def test_real_units_as_xml():
    archive = Path(__file__).parents[3] / "shared/realdata/json/L16_Questions_gouvernement.sample.json.zip"
    if not archive.exists():
        pytest.skip("../shared is not there")
    with zipfile.ZipFile(archive) as members:
        for name in [one for one in members.namelist() if one.endswith(".json")][::20]:
            raw = members.read(name)
            xml = as_xml("question", json.loads(raw)["question"]).encode()
            assert read_document(xml) == read_document(raw), name


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.4 ...", "a PDF"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"\x1f\x8b....", "a gzip file"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"The page cannot be found", "The page cannot be found"),
        (b"<html><title>50x</title><body>An error occurred.</body></html>", "'50x'"),
        (b"<html><head><title>502 Bad Gateway</title></head></html>", "'502 Bad Gateway'"),
        ("<html><title>Recherche</title><p>Aucun résultat ne correspond à votre recherche</p></html>".encode(), "Aucun r"),
        (b"<html><title>x</title><h1>Error 503 Service Unavailable</h1></html>", "503"),
        (b"<!DOCTYPE html><html><head><title>Nos d\xc3\xa9put\xc3\xa9s</title></head></html>", "titled 'Nos d"),
        (b"Bonjour, ceci est un texte.", "begins 'Bonjour"),
        (b'{"acteur": {"uid": "PA1"}}', "JSON"),
        (b'{"questionsEcrites": {"question": []}}', "archive"),
        (b'{"uid": "AMANR5L16PO59051B2623P0D1N1", "identification": {}}', "begins with 'uid'"),
        (b"[1, 2]", "JSON"),
        (b"<?xml version='1.0'?><questionsEcrites><question/></questionsEcrites>", "archive"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "<rss>"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_named(raw, says):
    with pytest.raises(RecordError) as error:
        read_document(raw)
    assert error.value.rule == "form"
    assert says in str(error.value)


@pytest.mark.parametrize("raw", [JSON, XML], ids=["json", "xml"])
def test_a_type_that_is_none(raw):
    with pytest.raises(RecordError) as error:
        read_document(raw.replace(b"L16QE7", b"L16QM7").replace(b'"QE"', b'"QM"').replace(b">QE<", b">QM<"))
    assert error.value.rule == "type"


def test_an_entity_is_not_expanded():
    bomb = b'<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><QUESTION TYPE="&b;">&b;</QUESTION>'
    with pytest.raises(RecordError) as error:
        read_document(bomb)
    assert error.value.rule == "xml"


def read_or_refuse(raw: bytes) -> None:
    try:
        rows(read_document(raw)[0])
    except RecordError as error:
        assert error.rule
        assert str(error)


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=200)
def test_any_bytes(raw):
    read_or_refuse(raw)


PIECES = [
    "<NUM>", "</NUM>", "7", "<LEG>8ème législature</LEG>", "<NAT>QE</NAT>", "<QUEST>", "</QUEST>", "<REP>", "</REP>", "<AUT>",
    "<DPQ>", "31/02/2004", "<!--", "-->", "<script>", "</script>", "<h3>Texte de la question</h3>", "<div class='answer'>", "</div>",
    "<h3>Texte de la réponse</h3>", '<div class="reponse_contenu">', "</section>", "<footer>", "16ème législature", "Question N° 7",
    "Question écrite", " de M. X (A - B) ", "Rubrique > ", "Ministère interrogé :", "Question publiée au JO le : ", " page : ", "(", ")",
    '<div class="_style-question" data-id="QANR5L16QE7">', '<div class="_pa-small">', "Données clés", '<p class="_pa-small">',
    "<p>", "Auteur : ", "1er août 2022", "&nbsp;", "&#0;", "&#xD800;", "<", ">", "\n", "\t", " et ", "Texte de la question\n", "\0", "<form>",
    "</form>", "contenutexte", '<div class="contenutexte">', "Erratum de la réponse : ", "<html>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(deadline=None, max_examples=300)
def test_any_patchwork(source):
    read_or_refuse(source.encode())
    read_or_refuse(source.encode("cp1252", "replace"))


@given(st.sampled_from(WITH_A_TEXT), st.data())
@settings(deadline=None, max_examples=300)
def test_any_damage(raw, data):
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        how = data.draw(st.sampled_from(["cut", "flip", "lose", "twice"]))
        until = min(len(raw), at + data.draw(st.integers(1, 60)))
        if how == "cut":
            raw = raw[:at]
        elif how == "flip":
            raw = raw[:at] + bytes([data.draw(st.integers(0, 255))]) + raw[at + 1 :]
        elif how == "lose":
            raw = raw[:at] + raw[until:]
        else:
            raw = raw[:until] + raw[at:]
    read_or_refuse(raw)


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<!--", "<a x=", "<div ", "<NUM>", "<QUEST>", "</REP>", "<REP>", "(", "M. X et ", "errat ", " , ", "1/1/2000 ", "Question N° ",
     "Texte de la question\n", "<script>", "<form>", '<h3>Texte de la question</h3><div class="contenutexte">', "Rubrique > ", "   \t", "&amp;",
     '<div class="_pa-small">', "<p>Auteur : ", "<X>", "</div>", '"', "a", "*a ", "Question <a>",
     "|", " | ", "a|b\n---|---\n", "---|", "| ---\n", "_a ", "![a](", "[a](b", "Question de : ", "Réponse publiée le ", "a\n", "<a/>", "\\*"],
)  # fmt: skip
@pytest.mark.parametrize("form", range(2, len(WITH_A_TEXT)))
def test_no_repetition_makes_it_hang(piece, form):
    raw = WITH_A_TEXT[form]
    for place in (b"compte 3", b"Hame\xc3\xa7on" if b"Hame\xc3\xa7on" in raw else "Hameçon".encode("latin-1")):
        at = raw.index(place)
        long = raw[:at] + piece.encode() * (12_000 // len(piece)) + raw[at:]
        assert any(seconds(long) < 0.2 for _ in range(3))  # where a square is too much


def seconds(raw: bytes) -> float:
    start = time.process_time()
    read_or_refuse(raw)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (test_page.page(answer="Oui."), test_page.page(number="14249", answer="Non.")),
        (test_page.page(), test_page.second_layout(answer="Non.")),
        (test_plain.PAGE.encode(), test_plain.PAGE.replace("77", "78").encode()),
        (test_fiche.fiche(REP="Oui.").encode(), test_fiche.fiche(NUM="48 329", REP="Non.").encode()),
        (test_plain.PAGE.encode(), test_page.page().partition(b"<body>")[2]),
        (test_dyn_page.page(), test_dyn_page.page().replace(b"200", b"201")),
        (test_dyn_text.PAGE.encode(), test_dyn_text.PAGE.replace("200", "201").encode()),
    ],
    ids=["pages", "layouts", "plain", "fiche", "plain and page", "dyn pages", "dyn texts"],
)
def test_several_questions_in_a_document_are_not_mixed(first, second):
    with pytest.raises(RecordError, match="several questions"):
        read_document(first + b"\n" + second)


@pytest.mark.parametrize(
    "source",
    [
        test_page.page(
            question=(quoted := "Question N° 12, Question N° 13 : Ministère interrogé > Mer. Texte de la question ?")
        ),
        test_fiche.fiche(QUEST=quoted).encode(),
        test_dyn_page.page(question="Question écrite n° 12 : X. Question écrite n° 13 : Question des eaux."),
    ],
    ids=["page", "fiche", "dyn"],
)
def test_a_question_may_name_others_as_pages_do(source):
    record, _ = read_document(source)
    assert record.number in (14248, 48328, 200)
