"""A record as rows: each column, and each oddity."""

from __future__ import annotations

import copy
import gc
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lake import files
from etl.normalise.rows import Rows, rows
from etl.parse import opendata_json
from etl.parse.record import Anomaly, Record, RecordError
from etl.schema import KEY, children, tables
from tests.archives import Node, closure, info_jo, organ, question, unit
from tests.parse.test_opendata_json import ANYTHING, full, places, replaced

SHA = "0" * 64


def record(node: Node) -> Record:
    found, odd = opendata_json.read(unit(node), item=False)
    assert odd == []
    return found


def of(node: Node, *odd: Anomaly) -> Rows:
    """The rows of a node, whose anomalies are these and no others."""
    found = rows(record(node))
    assert found.anomalies == list(odd)
    return found


def as_arrow(found: Rows) -> None:
    """The lake takes them, every declared column included."""
    key = {name: found.question[name] for name in KEY}
    files.arrow("questions", [{**found.question, "source_sha256": SHA, "source_member": "a"}])
    declared = {column.name for column in tables()["questions"].lake_columns}
    assert found.question.keys() == declared - {"source_sha256", "source_member"}
    assert found.children.keys() == {table.name for table in children()}
    for name, some in found.children.items():
        files.arrow(name, [key | row for row in some])
        assert [row["rank"] for row in some] == list(range(1, len(some) + 1))
        assert all(row.keys() == set(tables()[name].names) - set(KEY) for row in some)


@pytest.mark.parametrize("question_type", ["QE", "QG", "QOSD"])
@pytest.mark.parametrize("legislature", [15, 16, 17, 18])
def test_every_legislature_and_type(legislature, question_type):
    found = of(question(legislature, question_type, 3))
    as_arrow(found)
    row = found.question
    assert row["answer_date"].isoformat() in ("2020-06-09", "2023-06-06", "2025-06-03")
    assert (row["status"], row["answer_page"], row["closed_on"]) == ("answered", 202, row["answer_date"])
    asked = (row["question_date"], row["question_page"], row["question_text"])
    if question_type == "QG":
        assert asked == (None, None, None)
    else:
        assert asked[0] < row["answer_date"]
        assert asked[1:] == (101, "Le texte de la question, n° 3.")


# -- identity


@pytest.mark.parametrize(
    "change",
    [
        {"uid": "QANR5L17QE2"},
        {"uid": "QANR5L16QE1"},
        {"uid": "QANR5L17QG1"},
        {"uid": "qanr5l17qe1"},
        {"type": "QG"},
        {"identifiant": {"numero": "2", "legislature": "17"}},
        {"identifiant": {"numero": "1", "legislature": "16"}},
    ],
    ids=str,
)
def test_an_identity_that_contradicts_itself(change):
    with pytest.raises(RecordError, match="uid is") as caught:
        rows(record(question(17, "QE", 1, **change)))
    assert caught.value.rule == "identity"


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        (("auteur", "groupe", "organeRef"), "POnull", "group_id"),
        (("auteur", "identite", "acteurRef"), "PAnull", "deputy_id"),
        (("auteur", "identite", "mandatRef"), "PA12", "mandate_id"),
        (("minInt", "organeRef"), "PO", "ministry_asked_id"),
        (("minInt", "organeRef"), "PO١٢", "ministry_asked_id"),
        (("minAttribs", "minAttrib", "denomination", "organeRef"), "PO 12", "attributions.ministry_id"),
    ],
)
def test_an_id_that_is_none_is_null_and_told(path, value, column):
    found = of(replaced(question(), path, value), Anomaly("bad_id", "warning", column, value))
    rows_ = found.children["attributions"] if "." in column else [found.question]
    assert rows_[0][column.rpartition(".")[2]] is None
    assert found.question["group_abbr"] == "GRP"


# -- ministries


def attribution(number: int, day: date | None = None, kind: str = "JO_QUESTION", **names: Any) -> Node:
    return {
        "infoJO": info_jo(17, day, kind, None) if day else None,
        "denomination": organ(17, number, f"M{number}", f"Ministère {number}") | names,
    }


def test_the_current_ministry_is_the_last_attribution():
    several = [
        attribution(1, date(2025, 3, 4)),
        attribution(2, date(2025, 4, 1), "JO_LOI_DECRET"),
        attribution(3, date(2025, 5, 6)),
    ]
    found = of(question(minAttribs={"minAttrib": several}))
    row = found.question
    assert (row["ministry_id"], row["ministry"], row["ministry_name"]) == ("PO3", "M3", "Ministère 3")
    assert row["ministry_asked_id"] == "PO845021"
    assert row["reattributed_on"] == date(2025, 5, 6)
    assert [(one["rank"], one["ministry_id"], one["jo_type"]) for one in found.children["attributions"]] == [
        (1, "PO1", "JO_QUESTION"),
        (2, "PO2", "JO_LOI_DECRET"),
        (3, "PO3", "JO_QUESTION"),
    ]


def test_one_attribution_is_no_change():
    assert of(question()).question["reattributed_on"] is None


def test_without_attribution_the_ministry_asked_has_it():
    row = of(question(minAttribs=None)).question
    assert (row["ministry_id"], row["ministry"], row["ministry_name"]) == ("PO845021", "Eau", "Ministère de l'eau")


def test_an_attribution_that_names_no_one_is_passed_over():
    several = [attribution(1), {"infoJO": info_jo(17, date(2025, 4, 1)), "denomination": None}]
    row = of(question(minAttribs={"minAttrib": several})).question
    assert (row["ministry_id"], row["reattributed_on"]) == ("PO1", date(2025, 4, 1))


def test_an_attribution_with_no_more_than_an_id_counts():
    several = [attribution(1), attribution(2, abrege=None, developpe="")]
    row = of(question(minAttribs={"minAttrib": several})).question
    assert (row["ministry_id"], row["ministry"], row["ministry_name"]) == ("PO2", None, None)


def test_an_unknown_jo_type_is_kept_and_told():
    node = replaced(question(), ("textesReponse", "texteReponse", "infoJO", "typeJO"), "JO_NOUVEAU")
    found = of(node, Anomaly("unknown_code", "warning", "answer_texts.jo_type", "JO_NOUVEAU"))
    assert found.children["answer_texts"][0]["jo_type"] == "JO_NOUVEAU"


# -- headings


@pytest.mark.parametrize(
    ("index", "title", "tete", "analyses"),
    [
        ({"teteAnalyse": "tête", "analyses": {"analyse": ["a", "b"]}}, "tête", "tête", ["a", "b"]),
        ({"teteAnalyse": None, "analyses": {"analyse": ["a", "b"]}}, "a", None, ["a", "b"]),
        ({"teteAnalyse": "aucune tête d'analyse", "analyses": {"analyse": "a"}}, "a", None, ["a"]),
        ({"teteAnalyse": "Aucune tête d'analyse", "analyses": None}, "eau et assainissement", None, None),
        ({"teteAnalyse": "aucune tête d’analyse", "analyses": {"analyse": "a"}}, "a", None, ["a"]),
        (
            {"teteAnalyse": None, "analyses": {"analyse": "a <i>via</i><br/>b < 5"}},
            "a via b < 5",
            None,
            ["a via b < 5"],
        ),
        ({"teteAnalyse": " ", "analyses": {"analyse": " "}}, "eau et assainissement", None, None),
        ({"teteAnalyse": "", "analyses": None, "rubrique": None}, None, None, None),
        ({"teteAnalyse": " d&#39;un   mot ", "analyses": None}, "d'un mot", "d'un mot", None),
    ],
)
def test_the_title_is_the_best_heading_there_is(index, title, tete, analyses):
    row = of(question(**index)).question
    assert (row["title"], row["tete_analyse"], row["analyses"]) == (title, tete, analyses)


# -- dates, pages, texts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-06-03", date(2025, 6, 3)),
        ("2025-06-03+02:00", date(2025, 6, 3)),
        ("03/06/2025", date(2025, 6, 3)),
        (" 2025-06-03 ", date(2025, 6, 3)),
        (None, None),
    ],
)
def test_dates(written, read):
    node = replaced(question(cloture=None), ("textesReponse", "texteReponse", "infoJO", "dateJO"), written)
    assert of(node).question["answer_date"] == read


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (("textesQuestion", "texteQuestion", "infoJO", "dateJO"), "question_texts.jo_date"),
        (("textesReponse", "texteReponse", "infoJO", "dateJO"), "answer_texts.jo_date"),
        (("minAttribs", "minAttrib", 0, "infoJO", "dateJO"), "attributions.jo_date"),
        (("renouvellements", "renouvellement", 0, "infoJO", "dateJO"), "renewals.renewed_on"),
        (("signalement", "infoJO", "dateJO"), "signalled_on"),
        (("cloture", "dateCloture"), "closed_on"),
        (("cloture", "infoJO", "dateJO"), "cloture.infoJO.dateJO"),
    ],
)
@pytest.mark.parametrize("day", ["2025-02-30", "31/04/2025", "mardi", "2025"])
def test_an_impossible_date_is_null_and_told(path, what, day):
    node = full()
    node["textesQuestion"]["texteQuestion"] = node["textesQuestion"]["texteQuestion"][0]
    found = of(replaced(node, path, day), Anomaly("bad_date", "error", what, day))
    as_arrow(found)


@pytest.mark.parametrize("page", ["0", "-1", "12 bis", "1000000", "99999999999", "000000009999999999", "１２", ""])
def test_a_page_that_is_none_is_null_and_told(page):
    node = replaced(question(cloture=None), ("textesReponse", "texteReponse", "infoJO", "pageJO"), page)
    told = [Anomaly("bad_page", "warning", "answer_texts.jo_page", page)] if page else []
    assert of(node, *told).question["answer_page"] is None


@pytest.mark.parametrize("page", ["7249", "7 249", "7\xa0249", "7.249", "07249"])
def test_a_page_in_groups_of_digits(page):
    node = replaced(question(cloture=None), ("textesReponse", "texteReponse", "infoJO", "pageJO"), page)
    assert of(node).question["answer_page"] == 7249


def text(day: date | None, page: int | None, content: str | None) -> Node:
    return {"infoJO": info_jo(17, day, page=page) if day else {"pageJO": page and str(page)}, "texte": content}


@pytest.mark.parametrize("side", ["question", "answer"])
def test_of_several_texts_the_first_day_and_page_and_the_last_text(side):
    several = [
        text(date(2025, 3, 4), 10, "un"),
        text(date(2025, 3, 11), 20, "deux"),
        text(date(2025, 3, 18), 30, "<p> </p>"),
    ]
    key, inner = ("textesQuestion", "texteQuestion") if side == "question" else ("textesReponse", "texteReponse")
    found = of(question(**{key: {inner: several}}))
    row = found.question
    assert (row[f"{side}_date"], row[f"{side}_page"], row[f"{side}_text"]) == (date(2025, 3, 4), 10, "deux")
    assert [(one["jo_page"], one["text"]) for one in found.children[f"{side}_texts"]] == [
        (10, "un"),
        (20, "deux"),
        (30, None),
    ]


def test_what_the_source_gives_in_another_order_is_put_in_that_of_its_days():
    days = date(2025, 3, 11), date(2025, 3, 4)
    several = [text(day, day.day, f"du {day.day}") for day in days]
    found = of(
        question(
            textesQuestion={"texteQuestion": several},
            textesReponse={"texteReponse": several},
            minAttribs={
                "minAttrib": [
                    {"infoJO": info_jo(17, day), "denomination": organ(17, day.day, "M", f"M{day.day}")} for day in days
                ]
            },
            renouvellements={"renouvellement": [{"infoJO": info_jo(17, day)} for day in days]},
            signalement=[{"infoJO": info_jo(17, day)} for day in days],
        )
    )
    row = found.question
    for side in ("question", "answer"):
        assert (row[f"{side}_date"], row[f"{side}_page"], row[f"{side}_text"]) == (days[1], 4, "du 11")
    assert (row["ministry_id"], row["reattributed_on"]) == ("PO11", days[0])
    assert (row["renewed_on"], row["signalled_on"]) == (days[0], days[0])
    as_arrow(found)


def test_what_is_given_again_of_the_same_day_counts_once():
    node = full()
    node["textesReponse"]["texteReponse"] = [node["textesReponse"]["texteReponse"]]
    once = of(node)
    for several, single in (
        ("minAttribs", "minAttrib"),
        ("textesQuestion", "texteQuestion"),
        ("textesReponse", "texteReponse"),
        ("renouvellements", "renouvellement"),
    ):
        items = node[several][single]
        assert of(node | {several: {single: [each for item in items for each in (item, item, item)]}}) == once
    first = node["minAttribs"]["minAttrib"][0]
    assert of(node | {"minAttribs": {"minAttrib": [first, first]}}).question["reattributed_on"] is None


def test_equal_attributions_without_a_day_are_two():
    first = {"denomination": organ(14, 1, "Intérieur", "Ministère de l'intérieur")}
    assert len(of(question(14, minAttribs={"minAttrib": [first, first]})).children["attributions"]) == 2


def test_letters_that_the_source_lost_are_told():
    node = question(answer_text="La R\ufffdpublique est \ufffdloin.")
    node["indexationAN"]["rubrique"] = "for\ufffdts"
    found = rows(record(node))
    assert [(one.kind, one.what, one.value) for one in found.anomalies if one.kind == "bad_encoding"] == [
        ("bad_encoding", "rubrique", "for\ufffdts"),
        ("bad_encoding", "answer_texts.text", "La République est \ufffdloin."),
    ]


def test_texts_become_markdown_and_errata_stay_beside_them():
    node = question(answer_text="<p>Un <strong>mot</strong></p><p>&#339;uvre</p>")
    node["textesReponse"]["texteReponse"]["erratum"] = "lire&#160;: <i>deux</i>"
    found = of(node)
    assert found.question["answer_text"] == "Un **mot**\n\nœuvre"
    assert found.children["answer_texts"][0]["erratum"] == "lire : *deux*"


def test_a_question_to_the_government_of_the_15th_has_its_page_in_the_closure():
    node = question(15, "QG", 9)
    node["textesReponse"]["texteReponse"]["infoJO"] = {"typeJO": "JO_DEBAT", "dateJO": "09/06/2020"}
    assert of(node).question["answer_page"] == 202
    node["cloture"]["infoJO"]["dateJO"] = "10/07/2020"
    assert of(node).question["answer_page"] == 202, "the closure is of another day, but its page is the only one given"
    text = node["textesReponse"]["texteReponse"]
    erratum = {"infoJO": {"typeJO": "JO_DEBAT", "dateJO": "16/06/2020", "pageJO": "300"}, "erratum": "Lire …"}
    node["textesReponse"]["texteReponse"] = [text, erratum]
    assert of(node).question["answer_page"] is None, "there is another page"
    node["cloture"] |= {"codeCloture": "AU", "libelleCloture": "Retrait à l'initiative de l'auteur"}
    node["textesReponse"]["texteReponse"] = text
    assert of(node).question["answer_page"] is None, "the closure is no answer"


def test_an_answer_that_is_said_to_be_published_and_is_not_there():
    node = question(15, "QG", 9)
    node["textesReponse"] = None
    found = of(node, Anomaly("answer_missing", "error", "answer_text", "REP_PUB: Réponse publiée"))
    row = found.question
    assert (row["status"], row["answer_date"], row["answer_page"], row["answer_text"]) == (
        "answered",
        date(2020, 6, 9),
        202,
        None,
    )


# -- status


@pytest.mark.parametrize(
    ("legislature", "end", "status"),
    [
        (17, None, "pending"),
        (18, None, "pending"),
        (16, None, "lapsed"),
        (15, None, "lapsed"),
        (17, ("AU", "Retrait à l'initiative de l'auteur"), "withdrawn"),
        (16, (None, "Retrait pour cause de question identique"), "withdrawn"),
        (17, ("FL", None), "lapsed"),
        (17, (None, "Fin de mandat"), "lapsed"),
        (17, (None, "Séance de QOSD annulée"), "closed"),
    ],
)
def test_status_of_an_unanswered_question(legislature, end, status):
    node = question(legislature, "QE", 1, answered=None)
    if end:
        node["cloture"] = closure(legislature, date(2025, 4, 1), *end)
    row = of(node).question
    assert (row["status"], row["answer_text"], row["answer_date"], row["answer_page"]) == (status, None, None, None)
    assert (row["closure_code"], row["closure_label"]) == (end or (None, None))


def test_a_closure_nobody_knows_is_closed_and_told():
    node = question(answered=None, cloture=closure(17, date(2025, 4, 1), "XYZ", "Motif nouveau"))
    found = of(node, Anomaly("unknown_closure", "warning", "closure_code", "XYZ: Motif nouveau"))
    assert found.question["status"] == "closed"


@pytest.mark.parametrize("end", [("XYZ", None), (None, "Motif nouveau")])
def test_an_anomaly_shows_what_a_closure_has_and_no_more(end):
    node = question(answered=None, cloture=closure(17, date(2025, 4, 1), *end))
    of(node, Anomaly("unknown_closure", "warning", "closure_code", end[0] or end[1]))


def test_a_closure_that_names_no_reason_is_closed_and_told_while_the_legislature_sits():
    node = question(answered=None, cloture=closure(17, date(2025, 4, 1), None, None))
    row = of(node, Anomaly("unknown_closure", "warning", "closure_code", None)).question
    assert (row["status"], row["closed_on"]) == ("closed", date(2025, 4, 1))
    node = question(16, answered=None, cloture=closure(16, date(2024, 6, 9), None, None))
    assert of(node).question["status"] == "lapsed"


@pytest.mark.parametrize("end", [None, closure(17, date(2025, 4, 1), "AU", "Retrait à l'initiative de l'auteur")])
def test_a_text_in_answer_is_an_answer_whatever_the_closure(end):
    assert of(question(cloture=end)).question["status"] == "answered"


def test_signalled_renewed_reattributed():
    row = of(full()).question
    assert row["signalled_on"] == date(2025, 5, 27)
    assert row["renewed_on"] == date(2025, 5, 20)
    assert row["reattributed_on"] == date(2025, 4, 1)
    several = [{"dateDepotSignal": "2025-05-20"}, {"dateDepotSignal": "2025-06-10"}]
    assert of(question(signalement=several)).question["signalled_on"] == date(2025, 6, 10)


# -- the record's hash, and Arrow


HASHED = {
    ("indexationAN", "rubrique"): "mer",
    ("indexationAN", "analyses", "analyse"): "autre",
    ("auteur", "identite", "acteurRef"): "PA1",
    ("auteur", "groupe", "developpe"): "Autre",
    ("minInt", "abrege"): "Mer",
    ("minAttribs", "minAttrib", 0, "denomination", "organeRef"): "PO1",
    ("minAttribs", "minAttrib", 0, "infoJO", "dateJO"): "2025-01-07",
    ("textesQuestion", "texteQuestion", 0, "texte"): "autre",
    ("textesQuestion", "texteQuestion", 0, "erratum"): "autre",
    ("textesQuestion", "texteQuestion", 1, "infoJO", "pageJO"): "77",
    ("textesReponse", "texteReponse", "infoJO", "typeJO"): "JO_DEBAT",
    ("renouvellements", "renouvellement", 0, "infoJO", "dateJO"): "2025-01-07",
    ("signalement", "infoJO", "dateJO"): "2025-01-07",
    ("cloture", "libelleCloture"): "Autre",
    ("cloture", "dateCloture"): "2025-01-07",
}
NOT_HASHED = {
    ("@xsi:type",): "Autre_Type",
    ("identifiant", "regime"): "6eme Republique",
    ("textesReponse", "texteReponse", "infoJO", "numJO"): "12",
    ("cloture", "infoJO", "urlLegifrance"): "https://exemple.fr",
    ("minInt", "developpe"): "  Ministère de l&#39;eau ",
    ("textesReponse", "texteReponse", "infoJO", "dateJO"): "03/06/2025",
}


@pytest.mark.parametrize(("path", "other"), [*HASHED.items(), *NOT_HASHED.items()])
def test_the_hash_changes_with_what_is_used_and_with_nothing_else(path, other):
    changed, same = (rows(record(node)).question for node in (replaced(full(), path, other), full()))
    assert (changed["record_sha256"] != same["record_sha256"]) == (path in HASHED)


@given(st.randoms(use_true_random=False))
def test_the_hash_is_of_the_content_and_not_of_its_form(order):
    node = full()
    shuffled = dict(order.sample(list(node.items()), len(node)))
    shuffled["textesReponse"] = {"texteReponse": [copy.deepcopy(node["textesReponse"]["texteReponse"])]}
    assert rows(record(shuffled)).question == rows(record(node)).question


@given(
    st.sampled_from(list(places(full()))),
    ANYTHING | st.text(max_size=12) | st.from_regex(r"[0-9/+:-]{1,20}", fullmatch=True),
)
def test_the_lake_takes_every_row_of_any_record(path, value):
    try:
        found, _ = opendata_json.read(unit(replaced(full(), path, value)), item=False)
        made = rows(found)
    except RecordError:
        return
    as_arrow(made)


def test_no_cycle_is_left():
    """Workers run without the garbage collector: what held itself would stay for ever."""
    markup = "<p align=CENTER>Titre</p><table><tr><td>a</td></tr></table><ul><li>b</li></ul><i>c</i><br>&amp;eacute; d"
    raw = unit(question(17, "QE", 1, answered=date(2025, 6, 10), answer_text=markup))
    rows(opendata_json.read(raw, item=False)[0])
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            rows(opendata_json.read(raw, item=False)[0])
        assert gc.collect() == 0
    finally:
        gc.enable()
