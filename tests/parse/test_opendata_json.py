"""Every shape of docs/source/formats.md 2, and every way to break one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.parse import opendata_json
from etl.parse.node import SPACES
from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, RecordError, Text
from tests.archives import Node, closure, info_jo, organ, question, unit

NIL = {"@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:nil": "true"}
MISSING: list[Any] = [None, "", " \n", "null", {}, {"@xsi:nil": "true"}, {"@xsi:nil": True}, NIL]


def full(legislature: int = 17, question_type: str = "QE") -> Node:
    """A question that has everything a question can have."""
    node = question(legislature, question_type, 7, teteAnalyse="tarification")
    first = node["minAttribs"]["minAttrib"]
    decree = {
        "infoJO": info_jo(legislature, date(2025, 4, 1), "JO_LOI_DECRET", None),
        "denomination": organ(legislature, 9, "Mer", "Ministère de la mer"),
    }
    node["minAttribs"] = {"minAttrib": [first, decree]}
    asked = {"infoJO": info_jo(legislature, date(2025, 3, 4)), "texte": "a", "erratum": "lire : b"}
    again = {"infoJO": info_jo(legislature, date(2025, 3, 11)), "texte": "b"}
    node["textesQuestion"] = {"texteQuestion": [asked, again]}
    node["signalement"] = {"dateDepotSignal": "2025-05-20", "infoJO": info_jo(legislature, date(2025, 5, 27))}
    renewals = [
        {"infoJO": info_jo(legislature, date(2025, 5, 13))},
        {"dateRenouvellement": "2025-05-20", "infoJO": None},
    ]
    node["renouvellements"] = {"renouvellement": renewals}
    return node


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every node below a tree."""
    children: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in children:
        yield (*path, key)
        yield from places(value, (*path, key))


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    tree = copy.deepcopy(tree)
    at(tree, path[:-1])[path[-1]] = value
    return tree


def dotted(path: tuple[Any, ...]) -> str:
    return ".".join(["question", *(key for key in path if isinstance(key, str))])


def parse(node: Node) -> tuple[Record, list[Anomaly]]:
    return opendata_json.read(unit(node), item=False)


def test_everything_is_read():
    record, odd = parse(full())
    assert odd == []
    assert record == Record(
        uid="QANR5L17QE7",
        legislature=17,
        question_type="QE",
        number=7,
        deputy_id="PA1008",
        mandate_id="PM722592",
        group=Body("PO730964", "GRP", "Le groupe"),
        ministry_asked=Body("PO845021", "Eau", "Ministère de l'eau"),
        attributions=(
            Attribution(Body("PO845021", "Eau", "Ministère de l'eau"), "JO_QUESTION", "2025-03-04"),
            Attribution(Body("PO9", "Mer", "Ministère de la mer"), "JO_LOI_DECRET", "2025-04-01"),
        ),
        rubrique="eau et assainissement",
        tete_analyse="tarification",
        analyses=("prix de l'eau",),
        questions=(
            Text("JO_QUESTION", "2025-03-04", "1234", "a", "lire : b"),
            Text("JO_QUESTION", "2025-03-11", "1234", "b"),
        ),
        answers=(Text("JO_QUESTION", "2025-06-03", "202", "Le texte de la réponse, n° 7."),),
        signalled=("2025-05-27",),
        renewed=("2025-05-13", "2025-05-20"),
        closure=Closure("REP_PUB", "Réponse publiée", "2025-06-03", "2025-06-03", "202"),
    )


@pytest.mark.parametrize("question_type", ["QE", "QG", "QOSD"])
@pytest.mark.parametrize("legislature", [14, 15, 16, 17, 18])
def test_every_legislature_and_type(legislature, question_type):
    node = question(legislature, question_type, 12)
    raw = json.dumps(node).encode() if legislature == 14 else unit(node)
    record, odd = opendata_json.read(raw, item=legislature == 14)
    assert odd == []
    assert (record.legislature, record.question_type, record.number) == (legislature, question_type, 12)
    assert record.analyses == ("prix de l'eau",)
    assert len(record.questions) == (question_type != "QG")
    assert len(record.answers) == len(record.attributions) == 1
    assert record.attributions[0].ministry.short == record.ministry_asked.short == "Eau"
    assert (record.ministry_asked.id is None) == (legislature == 15)


@pytest.mark.parametrize("value", [["a", "b"], {"a": "b"}, 7, "a"], ids=str)
def test_what_nothing_uses_may_have_any_shape(value):
    node = full()
    node["textesReponse"]["texteReponse"]["infoJO"] |= {"urlLegifrance": value, "referenceNOR": value}
    assert parse(node) == parse(full())


@pytest.mark.parametrize(
    "key", ["signalement", "renouvellements", "cloture", "textesReponse", "textesQuestion", "minAttribs", "minInt"]
)
@pytest.mark.parametrize("missing", [*MISSING, "absent"], ids=str)
def test_an_element_that_is_missing_is_missing_however_it_is_written(key, missing):
    node = full()
    node[key] = missing
    if missing == "absent":
        del node[key]
    record, odd = parse(node)
    assert odd == []
    name = {
        "signalement": "signalled",
        "renouvellements": "renewed",
        "cloture": "closure",
        "textesReponse": "answers",
        "textesQuestion": "questions",
        "minAttribs": "attributions",
        "minInt": "ministry_asked",
    }[key]
    assert getattr(record, name) in ((), None, Body())


@pytest.mark.parametrize("missing", MISSING, ids=str)
def test_an_item_of_a_list_that_is_empty_is_no_item(missing):
    node = full()
    if missing is None or isinstance(missing, str):
        node["indexationAN"]["analyses"]["analyse"] = ["a", missing, "b"]
        assert parse(node)[0].analyses == ("a", "b")
    else:
        node["textesReponse"]["texteReponse"] = [missing, node["textesReponse"]["texteReponse"]]
        assert [one.jo_page for one in parse(node)[0].answers] == ["202"]


@pytest.mark.parametrize("missing", MISSING, ids=str)
@pytest.mark.parametrize(
    ("several", "single", "name"),
    [
        ("minAttribs", "minAttrib", "attributions"),
        ("textesQuestion", "texteQuestion", "questions"),
        ("textesReponse", "texteReponse", "answers"),
        ("renouvellements", "renouvellement", "renewed"),
    ],
)
def test_an_item_whose_values_are_all_missing_is_no_item(several, single, name, missing):
    whole = full()[several][single]
    items = whole if isinstance(whole, list) else [whole]
    hollow = {
        key: dict.fromkeys(value, missing) if isinstance(value, dict) else missing for key, value in items[0].items()
    }
    record, odd = parse(full() | {several: {single: [*items, hollow]}})
    assert (getattr(record, name), odd) == (getattr(parse(full())[0], name), [])
    assert getattr(parse(full() | {several: {single: hollow}})[0], name) == ()


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ({"analyses": {"analyse": "a"}}, ("a",)),
        ({"analyses": {"analyse": ["a", "b"]}}, ("a", "b")),
        ({"analyses": None, "ANALYSE": {"ANA": "a"}}, ("a",)),
        ({"analyses": "", "ANALYSE": {"ANA": ["a", "b"]}}, ("a", "b")),
        ({"analyses": {"analyse": "a"}, "ANALYSE": {"ANA": "b"}}, ("a", "b")),
        ({"analyses": {"analyse": None}}, ()),
    ],
)
def test_both_ways_to_write_the_analysis(index, expected):
    assert parse(question(**index))[0].analyses == expected


@pytest.mark.parametrize(
    ("erratum", "expected"),
    [
        ("lire : b", "lire : b"),
        ({"texte": "lire : b", "infoJO": info_jo(17, date(2025, 4, 1))}, "lire : b"),
        ({"infoJO": info_jo(17, date(2025, 4, 1))}, "2025-04-01"),
        (["lire : b", None, {"texte": "lire : c"}], "lire : b<br>lire : c"),
        (None, None),
        ({}, None),
    ],
)
def test_errata(erratum, expected):
    node = full()
    node["textesReponse"]["texteReponse"]["erratum"] = erratum
    record, odd = parse(node)
    assert (record.answers[0].erratum, odd) == (expected, [])


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ({"dateDepotSignal": "2025-05-20", "infoJO": None}, ("2025-05-20",)),
        ({"infoJO": {"dateJO": "2025-05-27"}, "dateDepotSignal": "2025-05-20"}, ("2025-05-27",)),
        ([{"dateDepotSignal": "2025-05-20"}, {"dateDepotSignal": "2025-06-03"}], ("2025-05-20", "2025-06-03")),
    ],
)
def test_signalement(signal, expected):
    assert parse(question(signalement=signal))[0].signalled == expected


@pytest.mark.parametrize("where", [{"typeJO": "JO_QUESTION", "pageJO": "7"}, {"numJO": "12", "dateJO": None}])
def test_what_was_published_on_no_day_is_told(where):
    hollow = {"infoJO": where}
    renewals = {"renouvellement": [{"infoJO": {"dateJO": "2025-05-13"}}, hollow]}
    record, odd = parse(full() | {"signalement": hollow, "renouvellements": renewals})
    assert (record.signalled, record.renewed) == ((), ("2025-05-13",))
    assert odd == [
        Anomaly("bad_date", "error", "signalled_on", None),
        Anomaly("bad_date", "error", "renewals.renewed_on", None),
    ]


def test_an_edition_alone_says_that_nothing_was_published():
    hollow = {"infoJO": {"typeJO": "JO_QUESTION", "dateJO": None}}
    record, odd = parse(full() | {"signalement": hollow, "renouvellements": {"renouvellement": [hollow]}})
    assert (record.signalled, record.renewed, odd) == ((), (), [])


ELEMENTS = [path for path in [(), *places(full())] if isinstance(at(full(), path), dict)]
SCALARS = [path for path in places(full()) if isinstance(at(full(), path), str) and not str(path[-1]).startswith("@")]


@pytest.mark.parametrize("path", ELEMENTS, ids=dotted)
def test_an_unknown_key_is_an_anomaly_with_its_path_and_value(path):
    node = replaced(full(), (*path, "nouveau"), {"a": [1, "é"]})
    record, odd = parse(node)
    assert record == parse(full())[0]
    assert odd == [Anomaly("unknown_key", "warning", f"{dotted(path)}.nouveau", '{"a":[1,"é"]}')]


@pytest.mark.parametrize("key", ["@xmlns:ns2", "@xsi:schemaLocation", "@xml:space"])
@pytest.mark.parametrize("path", ELEMENTS, ids=dotted)
def test_what_xml_itself_puts_on_an_element_is_no_unknown_key(path, key):
    assert parse(replaced(full(), (*path, key), "http://a.fr")) == parse(full())


def test_an_unknown_key_beside_the_question_or_in_an_item():
    raw = unit(full())[:-1] + b', "version": "2"}'
    assert opendata_json.read(raw, item=False)[1] == [Anomaly("unknown_key", "warning", "version", '"2"')]
    item = json.dumps(full(14) | {"nouveau": "x"}).encode()
    assert opendata_json.read(item, item=True)[1] == [Anomaly("unknown_key", "warning", "question.nouveau", '"x"')]


@pytest.mark.parametrize("path", SCALARS, ids=dotted)
def test_a_number_where_a_string_belongs_is_an_anomaly_and_kept(path):
    number = 7 if path[-1] == "numero" else 17 if path[-1] == "legislature" else 2025
    record, odd = parse(replaced(full(), path, number))
    assert odd == [Anomaly("number_for_string", "warning", dotted(path), str(number))]
    assert record == parse(replaced(full(), path, str(number)))[0]


@pytest.mark.parametrize("path", SCALARS, ids=dotted)
@pytest.mark.parametrize("space", [" ", "\r\n\t"])
def test_space_around_a_text_is_none_of_it(path, space):
    written = at(full(), path)
    for spaced in (space + written, written + space, {"#text": space + written + space}):
        assert parse(replaced(full(), path, spaced)) == parse(full())


@pytest.mark.parametrize("path", SCALARS, ids=dotted)
def test_a_text_with_attributes_is_kept(path):
    record, odd = parse(replaced(full(), path, {"@lang": "fr", "#text": at(full(), path)}))
    assert (record, odd) == (parse(full())[0], [Anomaly("unknown_key", "warning", f"{dotted(path)}.@lang", '"fr"')])


@pytest.mark.parametrize(
    "path", [path for path in (*SCALARS, *ELEMENTS) if path and path[-1] not in range(9)], ids=dotted
)
def test_one_in_a_list_is_one_and_an_empty_list_is_none(path):
    assert parse(replaced(full(), path, [at(full(), path)])) == parse(full())
    try:
        assert parse(replaced(full(), path, [])) == parse(replaced(full(), path, None))
    except RecordError as error:
        assert error.rule == "missing"


def test_analyses_that_are_texts_or_several_elements():
    for said in ("x", ["x"], [{"analyse": "x"}], {"analyse": "x"}):
        assert parse(replaced(full(), ("indexationAN", "analyses"), said))[0].analyses == ("x",)
    several = [{"analyse": ["x", "y"]}, None, "z"]
    assert parse(replaced(full(), ("indexationAN", "analyses"), several))[0].analyses == ("x", "y", "z")


@pytest.mark.parametrize("path", [path for path in ELEMENTS if path and path[-1] != "analyses"], ids=dotted)
def test_a_text_where_an_element_belongs_is_no_question(path):
    with pytest.raises(RecordError) as caught:
        parse(replaced(full(), path, "du texte"))
    assert caught.value.rule in ("shape", "missing")


@pytest.mark.parametrize("path", SCALARS, ids=dotted)
def test_a_list_where_a_string_belongs_is_no_question_but_for_analyses_and_errata(path):
    node = replaced(full(), path, ["x", "y"])
    if path[-1] == "analyse":
        assert parse(node)[0].analyses == ("x", "y")
    elif path[-1] == "erratum":
        assert parse(node)[0].questions[0].erratum == "x<br>y"
    else:
        with pytest.raises(RecordError) as caught:
            parse(node)
        assert caught.value.rule == "shape"


@pytest.mark.parametrize("path", list(places(full())), ids=dotted)
def test_only_the_identity_must_be_there(path):
    node = full()
    parent = at(node, path[:-1])
    del parent[path[-1]]
    if path in (("uid",), ("type",), ("identifiant",), ("identifiant", "numero"), ("identifiant", "legislature")):
        with pytest.raises(RecordError, match="is missing") as caught:
            parse(node)
        assert caught.value.rule == "missing"
    else:
        is_day = path == ("renouvellements", "renouvellement", 0, "infoJO", "dateJO")  # the only one of its renewal
        assert [one.kind for one in parse(node)[1]] == ["bad_date"] * is_day


@pytest.mark.parametrize("number", ["", "0", "-1", "1.5", "１", "douze", "1234567890", "7 7", "9" * 5000])
def test_a_number_that_is_none(number):
    with pytest.raises(RecordError) as caught:
        parse(replaced(full(), ("identifiant", "numero"), number))
    assert caught.value.rule == ("number" if number else "missing")


GOOD = unit(full())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        GOOD[:-1],
        GOOD + b"}",
        GOOD.replace(b'"17"', b"17", 1)[:-1],
        GOOD.replace(b"lire : b", "é".encode("latin-1")),
        GOOD.replace(b"lire : b", b"\\ud800"),
        GOOD.replace(b"lire : b", b"\n"),
        GOOD.decode().encode("utf-16"),
        b"PK\x03\x04",
        b"<html><title>503</title></html>",
        b'{"question":' * 200_000,
        b"[" * 200_000,
        GOOD[:-2] + b', "nouveau": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
    ],
    ids=range(15),
)
def test_bytes_that_are_not_json(raw):
    with pytest.raises(RecordError) as caught:
        opendata_json.read(raw, item=False)
    assert caught.value.rule == "json"


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"null",
        b"12",
        b'"question"',
        b"{}",
        b'{"question": []}',
        b'{"question": null}',
        GOOD.replace(b'"202"', b"1e999", 1),
        GOOD.replace(b'"202"', b"9" * 5_000, 1),
    ],
)
def test_json_that_is_no_question(raw):
    with pytest.raises(RecordError) as caught:
        opendata_json.read(raw, item=False)
    assert caught.value.rule == "shape"


def test_a_byte_order_mark_is_no_content():
    assert opendata_json.read(b"\xef\xbb\xbf" + GOOD, item=False) == parse(full())


def only_record_errors(raw: bytes, item: bool = False) -> None:
    try:
        opendata_json.read(raw, item=item)
    except RecordError as error:
        assert error.rule in ("json", "shape", "missing", "number")


@given(st.binary(), st.booleans())
def test_no_bytes_raise_anything_else(raw, item):
    only_record_errors(raw, item)


@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=8))
def test_no_damage_raises_anything_else(start, length, put):
    only_record_errors(GOOD[:start] + put + GOOD[start + length :])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(places(full()))), ANYTHING)
def test_no_value_anywhere_raises_anything_else(path, value):
    only_record_errors(unit(replaced(full(), path, value)))


# -- any record, in any shape that the source is known to use

WORD = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
    .map(lambda text: text.strip(SPACES))
    .filter(lambda word: word not in MISSING)
)
Draw = Callable[[st.SearchStrategy[Any]], Any]


def put(draw: Draw, node: Node, key: str, value: Any) -> None:
    """A value, or one of the ways to say that there is none."""
    missing = draw(st.sampled_from([*MISSING, "absent"])) if value is None else None
    if missing != "absent":
        node[key] = value if value is not None else missing


def element(draw: Draw, **values: Any) -> Node:
    node: Node = {}
    for key, value in values.items():
        put(draw, node, key, value)
    return node


def repeated(draw: Draw, key: str, nodes: list[Node]) -> Any:
    """An object when single (a list does as well), a list when several, nothing when there is none."""
    if not nodes:
        return None
    return {key: nodes[0] if len(nodes) == 1 and draw(st.booleans()) else nodes}


def jo(draw: Draw, kind: str | None, day: str | None, page: str | None) -> Node:
    return element(draw, typeJO=kind, dateJO=day, pageJO=page, numJO=None, urlLegifrance=None, referenceNOR=None)


@st.composite
def written_records(draw: Draw) -> tuple[Node, Record]:
    """A record, and one of its forms."""
    word, maybe = (lambda: draw(WORD)), (lambda: draw(WORD | st.none()))
    bodies = [Body(maybe(), maybe(), maybe()) for _ in range(2)]
    attributions = tuple(
        Attribution(Body(maybe(), word(), maybe()), maybe(), maybe()) for _ in range(draw(st.integers(0, 2)))
    )
    texts = [
        tuple(Text(maybe(), maybe(), maybe(), word(), maybe()) for _ in range(draw(st.integers(0, 2))))
        for _ in range(2)
    ]
    number = draw(st.integers(1, 10**9 - 1))
    record = Record(
        uid=word(),
        legislature=draw(st.integers(7, 30)),
        question_type=word(),
        number=number,
        deputy_id=maybe(),
        mandate_id=maybe(),
        group=bodies[0],
        ministry_asked=bodies[1],
        attributions=attributions,
        rubrique=maybe(),
        tete_analyse=maybe(),
        analyses=tuple(draw(st.lists(WORD, max_size=2, unique=True))),
        questions=texts[0],
        answers=texts[1],
        signalled=tuple(draw(st.lists(WORD, max_size=2))),
        renewed=tuple(draw(st.lists(WORD, max_size=2))),
        closure=draw(st.sampled_from([None, Closure(word(), maybe(), maybe(), maybe(), maybe())])),
    )
    asked = [
        element(draw, infoJO=jo(draw, one.jo_type, one.jo_date, one.jo_page), texte=one.text, erratum=one.erratum)
        for one in record.questions
    ]
    answers = [
        element(draw, infoJO=jo(draw, one.jo_type, one.jo_date, one.jo_page), texte=one.text, erratum=one.erratum)
        for one in record.answers
    ]
    given_to = [
        element(
            draw,
            infoJO=jo(draw, one.jo_type, one.jo_date, None),
            denomination=element(
                draw, organeRef=one.ministry.id, abrege=one.ministry.short, developpe=one.ministry.name
            ),
        )
        for one in record.attributions
    ]
    signals = [
        element(draw, dateDepotSignal=day, infoJO=None)
        if draw(st.booleans())
        else {"infoJO": {"dateJO": day}, "dateDepotSignal": "x"}
        for day in record.signalled
    ]
    renewals = [
        {"infoJO": jo(draw, None, day, None)} if draw(st.booleans()) else {"dateRenouvellement": day}
        for day in record.renewed
    ]
    terms: Any = None if not record.analyses else record.analyses[0] if len(record.analyses) == 1 else record.analyses
    index = element(draw, rubrique=record.rubrique, teteAnalyse=record.tete_analyse)
    index |= draw(st.sampled_from([{"analyses": {"analyse": terms}}, {"ANALYSE": {"ANA": terms}, "analyses": None}]))
    group, ministry = record.group, record.ministry_asked
    end = record.closure
    node = element(
        draw,
        uid=record.uid,
        identifiant=element(draw, numero=str(number), regime=None, legislature=str(record.legislature)),
        type=record.question_type,
        indexationAN=index,
        auteur=element(
            draw,
            identite=element(draw, acteurRef=record.deputy_id, mandatRef=record.mandate_id),
            groupe=element(draw, organeRef=group.id, abrege=group.short, developpe=group.name),
        ),
        minInt=element(draw, organeRef=ministry.id, abrege=ministry.short, developpe=ministry.name),
        minAttribs=repeated(draw, "minAttrib", given_to),
        textesQuestion=repeated(draw, "texteQuestion", asked),
        textesReponse=repeated(draw, "texteReponse", answers),
        cloture=end
        and element(
            draw,
            codeCloture=end.code,
            libelleCloture=end.label,
            dateCloture=end.date,
            infoJO=jo(draw, None, end.jo_date, end.jo_page),
        ),
        signalement=signals[0] if len(signals) == 1 else signals or None,
        renouvellements=repeated(draw, "renouvellement", renewals),
    )
    return node, record


@given(written_records(), st.booleans(), st.randoms(use_true_random=False))
def test_any_record_comes_back_field_by_field(written, item, order):
    node, record = written
    keys = list(node)
    order.shuffle(keys)
    tree = {key: node[key] for key in keys}
    raw = json.dumps(tree if item else {"question": tree}, ensure_ascii=order.random() < 0.5).encode()
    assert opendata_json.read(raw, item=item) == (record, [])


def test_a_closure_of_nothing_is_none():
    node = question(cloture={"codeCloture": None, "libelleCloture": "", "infoJO": {"dateJO": None}})
    assert parse(node)[0].closure is None
    assert parse(question(cloture=closure(17, date(2025, 6, 3), "AU", None)))[0].closure is not None
