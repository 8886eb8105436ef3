"""Every form and defect of docs/source/formats.md is in the default site, and nothing that it does not name."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.sample.reading import listed, texts

NIL = {"@xsi:nil": "true"}
LIMITS = {
    14: ("2012-06-20", "2017-06-20"),
    15: ("2017-06-21", "2022-06-21"),
    16: ("2022-06-22", "2024-06-09"),
    17: ("2024-07-01", "2026-08-31"),
}


def answer_texts(record: dict) -> list[str]:
    return [item["texte"] for item in texts(record, "Reponse")]


def attributions(record: dict) -> list[dict]:
    return listed(record["minAttribs"], "minAttrib")


def closed(label: str):
    return lambda record: isinstance(record["cloture"], dict) and record["cloture"].get("libelleCloture") == label


def answer_has(pattern: str):
    return lambda record: any(re.search(pattern, text) for text in answer_texts(record))


FORMS = {
    "attribution, object": ("QE", lambda q: isinstance(q["minAttribs"]["minAttrib"], dict)),
    "attributions, list": ("QE", lambda q: isinstance(q["minAttribs"]["minAttrib"], list)),
    "attribution by decree": (
        "QE",
        lambda q: any(
            a["infoJO"] | {"pageJO": None, "numJO": None} == a["infoJO"]
            for a in attributions(q)
            if a["infoJO"]["typeJO"] == "JO_LOI_DECRET"
        ),
    ),
    "several attributions by decree": (
        "QE",
        lambda q: sum(a["infoJO"]["typeJO"] == "JO_LOI_DECRET" for a in attributions(q)) > 1,
    ),
    "analyses, list": (
        "QE",
        lambda q: isinstance(q["indexationAN"].get("analyses", {}).get("analyse"), list),
    ),
    "question texts, list": ("QE QOSD", lambda q: len(texts(q, "Question")) > 1),
    "answer texts, list": ("QE", lambda q: len(texts(q, "Reponse")) > 1),
    "renewal, object": ("QE", lambda q: isinstance((q["renouvellements"] or {}).get("renouvellement"), dict)),
    "renewals, list": ("QE", lambda q: isinstance((q["renouvellements"] or {}).get("renouvellement"), list)),
    "signalement": (
        "QE",
        lambda q: isinstance(q["signalement"], dict) and "dateDepotSignal" in q["signalement"],
    ),
    "erratum of a question": ("QE", lambda q: any("erratum" in t for t in texts(q, "Question"))),
    "erratum of an answer": ("QE", lambda q: any("erratum" in t for t in texts(q, "Reponse"))),
    "answered": ("QE QG QOSD", closed("Réponse publiée")),
    "withdrawn": ("QE", closed("Retrait à l'initiative de l'auteur")),
    "withdrawn as identical": ("QE", closed("Retrait pour cause de question identique")),
    "lapsed and closed": ("QE", closed("Fin de mandat")),
    "lapsed and open": ("QE", lambda q: q["cloture"] is None and q["identifiant"]["legislature"] != "17"),
    "cancelled sitting": ("QOSD", closed("Séance de QOSD annulée")),
    "pending": ("QE QOSD", lambda q: q["cloture"] is None and q["identifiant"]["legislature"] == "17"),
    "tête d'analyse": ("QE", lambda q: bool(q["indexationAN"]["teteAnalyse"])),
    "tête d'analyse null in the 14th": (
        "QE",
        lambda q: q["identifiant"]["legislature"] == "14" and q["indexationAN"]["teteAnalyse"] is None,
    ),
    "tête d'analyse nil": ("QE", lambda q: q["indexationAN"]["teteAnalyse"] == NIL),
    "tête d'analyse blank": ("QE", lambda q: q["indexationAN"]["teteAnalyse"] == ""),
    "signalement nil": ("QE", lambda q: q["signalement"] == NIL),
    "signalement blank": ("QE", lambda q: q["signalement"] == ""),
    "renewals empty": ("QE", lambda q: q["renouvellements"] == {}),
    "closure nil": ("QE", lambda q: q["cloture"] == NIL),
    "answers absent": ("QE", lambda q: "textesReponse" not in q),
    "rubrique null": ("QE QG", lambda q: q["indexationAN"]["rubrique"] is None),
    "analysis null": ("QE", lambda q: q["indexationAN"].get("analyses") == {"analyse": None}),
    "ANA null": ("QG", lambda q: q["indexationAN"].get("ANALYSE") == {"ANA": None}),
    "page null": (
        "QE QG QOSD",
        lambda q: bool(q["cloture"]) and (q["cloture"].get("infoJO") or {}).get("pageJO", 1) is None,
    ),
    "capitals": (
        "QG",
        lambda q: str((q["indexationAN"].get("analyses") or {}).get("analyse")).isupper(),
    ),
    "Minsitère": (
        "QE",
        lambda q: any("Minsitère" in a["denomination"]["developpe"] for a in attributions(q)),
    ),
    "the other apostrophe": (
        "QE",
        lambda q: (
            attributions(q)[0]["denomination"]["developpe"] != q["minInt"]["developpe"]
            and attributions(q)[0]["denomination"]["developpe"].replace("’", "'")
            == q["minInt"]["developpe"].replace("’", "'")
        ),
    ),
    "POnull": ("QG", lambda q: q["auteur"]["groupe"]["organeRef"] == "POnull"),
    "table": (
        "QE",
        answer_has(r'<!-- DEBTAB -->.*rowspan=\d".*colspan=.*</br>.*<!-- FINTAB -->|DEBTAB.*rowspan'),
    ),
    "broken tag": ("QE", answer_has("» /em>Enfin")),
    "mojibake": ("QE", answer_has("Ã©")),
    "numeric entities": ("QE", answer_has(r"&#339;uvre")),
    "timezone": ("QE", lambda q: any("+" in (t["infoJO"]["dateJO"]) for t in texts(q, "Reponse"))),
    "closed on another day": (
        "QG",
        lambda q: q["cloture"]["dateCloture"] != q["cloture"]["infoJO"]["dateJO"],
    ),
    "QG without its text": (
        "QG",
        lambda q: q["textesReponse"] is None and q["cloture"]["infoJO"]["typeJO"] is None,
    ),
    "another ministry answers": (
        "QG",
        lambda q: attributions(q)[0]["denomination"]["abrege"] != q["minInt"]["abrege"],
    ),
    "reminder of an older question": (
        "QE",
        lambda q: (
            "rappelle à" in texts(q, "Question")[0]["texte"] and "question n° " in texts(q, "Question")[0]["texte"]
        ),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_in_the_sample(site, form):
    kinds, shows = FORMS[form]
    for kind in kinds.split():
        assert any(shows(record) for record in site.records(kind)), f"no {kind} shows: {form}"


@pytest.mark.parametrize("form", FORMS)
def test_form_is_not_everywhere(site, form):
    """A condition that every record meets would prove nothing."""
    kinds, shows = FORMS[form]
    assert not all(shows(record) for kind in kinds.split() for record in site.records(kind))


def day_of(text: str) -> date:
    text, _, _zone = text.partition("+")
    if "/" in text:
        day, month, year = text.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(text)


def test_dates_lie_in_their_legislature_and_in_order(site):
    for record in site.records():
        first, last = map(date.fromisoformat, LIMITS[int(record["identifiant"]["legislature"])])
        asked = [day_of(item["infoJO"]["dateJO"]) for item in texts(record, "Question")]
        answered = [day_of(item["infoJO"]["dateJO"]) for item in texts(record, "Reponse")]
        held = [day_of(item["infoJO"]["dateJO"]) for item in attributions(record) if "infoJO" in item]
        renewed = [day_of(item["infoJO"]["dateJO"]) for item in listed(record.get("renouvellements"), "renouvellement")]
        signal = record.get("signalement")
        signalled = [day_of(signal["dateDepotSignal"])] if isinstance(signal, dict) and "infoJO" in signal else []
        closure = record["cloture"] if record["cloture"] != NIL else None
        closing = [day_of(closure["dateCloture"])] if closure else []
        uid = record["uid"]
        for day in asked + answered + held + renewed + signalled + closing:
            assert first <= day <= last, uid
        for days in (asked, answered, held, renewed):
            assert days == sorted(days), uid
        end = min([*answered, *closing], default=last)
        for day in asked + held + renewed + signalled:
            assert (asked or held or [first])[0] <= day <= end, uid


def test_dates_have_the_shape_of_their_legislature(site):
    for record in site.records("QE", "QOSD"):
        for item in texts(record, "Question"):
            french = re.fullmatch(r"\d\d/\d\d/\d{4}", item["infoJO"]["dateJO"])
            assert bool(french) == (record["identifiant"]["legislature"] == "15")


def test_answered_means_a_text_except_for_one_known_qg(site):
    silent = []
    for record in site.records():
        published = (record["cloture"] or {}).get("codeCloture") == "REP_PUB"
        if published != bool(any(answer_texts(record))):
            silent.append(record)
    assert [record["type"] for record in silent] == ["QG"]


def test_no_signalement_before_the_16th(site):
    for record in site.records("QE", "QOSD", legislatures=(14, 15)):
        assert record["signalement"] in (None, "", NIL)


def test_new_government_new_ministry_id(site):
    seen = False
    for record in site.records("QE", legislatures=(14, 16, 17)):
        refs = [item["denomination"]["organeRef"] for item in attributions(record)]
        assert len(refs) == len(set(refs)), record["uid"]
        seen = seen or len(refs) > 2
        assert record["minInt"]["organeRef"] == refs[0]
    assert seen


def test_joint_answers_share_text_and_day(site):
    lots: dict[tuple[str, str], int] = {}
    for record in site.records("QE"):
        for item in texts(record, "Reponse"):
            key = (item["infoJO"]["dateJO"], item["texte"])
            lots[key] = lots.get(key, 0) + 1
    joint = sum(count for count in lots.values() if count > 1)
    assert 0.2 < joint / sum(lots.values()) < 0.5


def test_key_sets_by_legislature_and_type(site):
    nine = {
        "uid",
        "identifiant",
        "type",
        "indexationAN",
        "auteur",
        "minInt",
        "minAttribs",
        "textesReponse",
        "cloture",
    }
    twelve = nine | {"textesQuestion", "signalement", "renouvellements"}
    for record in site.records():
        legislature = int(record["identifiant"]["legislature"])
        keys = {key for key in record if not key.startswith("@")} | {"textesReponse"}
        expected = twelve if record["type"] != "QG" else nine | ({"textesQuestion"} if legislature >= 16 else set())
        assert keys == expected, record["uid"]
        assert ("@xmlns" in record) == (legislature >= 15)
        assert ("organeRef" in record["minInt"]) == (legislature != 15)
        assert record["identifiant"]["regime"] == ("5eme R\ufffdpublique" if legislature == 15 else "5eme Republique")
        assert ("ANALYSE" in record["indexationAN"]) == (legislature == 15)
    for record in site.records("QOSD", legislatures=(14,)):
        assert {key for item in texts(record, "Question") for key in item["infoJO"]} == {"typeJO", "dateJO"}


def test_qg_texts_are_unbalanced_fragments(site):
    for record in site.records("QG"):
        for text in answer_texts(record):
            if "Ã" not in text:
                assert re.match(r'</p><p align="CENTER"> .+ <a name=PG\d+></a> </p><br><strong>', text)
                assert text.endswith("<br> <p>")


def test_no_slot_is_left_open(site):
    for record in site.records():
        for item in texts(record, "Question") + texts(record, "Reponse"):
            assert "{" not in item["texte"] and "%(" not in item["texte"] and "%%" not in item["texte"]
            assert "  " not in item["texte"].replace("\u00a0", "x")
