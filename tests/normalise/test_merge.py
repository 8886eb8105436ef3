"""Several documents of one question: the most trusted is kept whole, the others only fill."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.merge import Reading, best, merged
from etl.parse.record import Attribution, Body, Closure, Record, Text

KEY = {"uid": "QANR5L14QE7", "legislature": 14, "question_type": "QE", "number": 7}
OPEN = Record(
    **KEY,
    deputy_id="PA7",
    group=Body("PO7", "SRC", "Socialiste, républicain et citoyen"),
    ministry_asked=Body(None, "Eau", "Ministère de l'eau"),
    attributions=(Attribution(Body(None, "Eau", "Ministère de l'eau"), "JO_QUESTION", "2014-01-07"),),
    rubrique="eau",
    questions=(Text("JO_QUESTION", "2014-01-07", None, "Combien ?"),),
    answers=(Text("JO_QUESTION", "2014-05-13", None, "Trois."), Text("JO_QUESTION", "2014-06-03", None, "Quatre.")),
    closure=Closure("REP_PUB", "Réponse publiée", "2014-05-13"),
)
PAGE = Record(
    **KEY,
    deputy_id="PA8",
    author_name="Luc Hameçon",
    department="Côte-d'Or",
    group=Body(None, "LES-REP", "Les Républicains"),
    ministry_asked=Body("PO1", "eau"),
    attributions=(Attribution(Body("PO1", "Eau"), None, "07/01/2014"),),
    rubrique="rivières",
    questions=(Text("JO_QUESTION", "07/01/2014", "18", "Combien donc ?"),),
    answers=(
        Text("JO_QUESTION", "03/06/2014", "90", "Quatre !"),
        Text("JO_QUESTION", "13/05/2014", "80"),
        Text("JO_QUESTION", "10/06/2014", "95", erratum="Erratum de la réponse"),
        Text("JO_QUESTION", "17/06/2014", "99", "Cinq."),
    ),
    signalled=("11/03/2014",),
    closure=Closure("AU", "Retrait", "2014-05-14"),
)


def test_a_page_fills_what_open_data_has_not():
    assert merged([OPEN, PAGE]) == msgspec.structs.replace(
        OPEN,
        author_name="Luc Hameçon",
        department="Côte-d'Or",
        ministry_asked=Body("PO1", "Eau", "Ministère de l'eau"),
        attributions=(Attribution(Body("PO1", "Eau", "Ministère de l'eau"), "JO_QUESTION", "2014-01-07"),),
        questions=(Text("JO_QUESTION", "2014-01-07", "18", "Combien ?"),),
        answers=(
            Text("JO_QUESTION", "2014-05-13", "80", "Trois."),
            Text("JO_QUESTION", "2014-06-03", "90", "Quatre."),
            Text("JO_QUESTION", "10/06/2014", "95", erratum="Erratum de la réponse"),
        ),
        signalled=("11/03/2014",),
    )


def test_another_ministry_or_group_is_not_mixed_in():
    other = msgspec.structs.replace(PAGE, ministry_asked=Body("PO2", "Mer"), group=Body("PO9", "NI", "Non inscrit"))
    found = merged([OPEN, other])
    assert (found.ministry_asked, found.group) == (OPEN.ministry_asked, OPEN.group)


def test_texts_without_a_day_go_by_their_place():
    undated = msgspec.structs.replace(OPEN, questions=(Text(None, None, None, "Combien ?"),))
    assert merged([undated, PAGE]).questions == (Text("JO_QUESTION", "07/01/2014", "18", "Combien ?"),)


scalar = st.none() | st.sampled_from(["a", "b", "2014-01-07", "14/01/2014"])
body = st.builds(Body, scalar, scalar, scalar)
text = st.builds(Text, scalar, scalar, scalar, scalar, scalar)
RECORDS = st.builds(
    lambda **how: Record(**KEY, **how),
    deputy_id=scalar,
    author_name=scalar,
    group=body,
    ministry_asked=body,
    attributions=st.lists(st.builds(Attribution, body, scalar, scalar), max_size=2).map(tuple),
    analyses=st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
    questions=st.lists(text, max_size=2).map(tuple),
    answers=st.lists(text, max_size=3).map(tuple),
    renewed=st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
    closure=st.none() | st.builds(Closure, scalar, scalar, scalar),
)


def leaves(value) -> list[str]:
    """What a record says, in order."""
    if isinstance(value, msgspec.Struct):
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, list | tuple):
        return [leaf for one in value for leaf in leaves(one)]
    return [] if value is None else [str(value)]


@given(RECORDS, RECORDS)
def test_nothing_of_the_trusted_is_changed_or_lost(mine, other):
    said = iter(leaves(merged([mine, other])))
    assert all(leaf in said for leaf in leaves(mine))  # a subsequence: `in` consumes


@given(RECORDS)
def test_alone_with_itself_or_with_nothing_it_stays(one):
    assert merged([one]) == merged([one, Record(**KEY)]) == merged([one, one]) == merged([Record(**KEY), one]) == one


def reading(cut: bool = False, **how) -> Reading:
    return Reading(msgspec.structs.replace(PAGE, **how), cut)


def answer(text: str, day: str = "03/06/2014") -> tuple[Text, ...]:
    return (Text("JO_QUESTION", day, "90", text),)


def told(anomalies) -> list[tuple[str, str]]:
    assert {(anomaly.kind, anomaly.level) for anomaly in anomalies} <= {("other_reading", "info")}
    return [(anomaly.what, anomaly.value) for anomaly in anomalies]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_several_documents_the_longer_text_wins_whichever_came_last(order):
    whole, short, none = (
        reading(answers=answer("Quatre <b>sandres</b>.")),
        reading(answers=answer("Quatre")),
        reading(answers=()),
    )
    readings = [whole, short, none]
    record, lost = best([readings[at] for at in order])
    assert record.answers == whole.record.answers
    assert told(lost) == [("answers.text", "Quatre")]


@pytest.mark.parametrize("order", [1, -1])
def test_letters_that_were_lost_win_over_nothing(order):
    broken = reading(
        rubrique="rivi\ufffdres", answers=answer("Elle r\ufffdpond, et longuement."), department="C\ufffdte"
    )
    whole = reading(answers=answer("Elle répond."), department=None)
    record, lost = best([broken, whole][::order])
    assert (record.rubrique, record.answers, record.department) == ("rivières", answer("Elle répond."), "C\ufffdte")
    assert told(lost) == [("rubrique", "rivi\ufffdres"), ("answers.text", "Elle r\ufffdpond, et longuement.")]


@pytest.mark.parametrize("order", [1, -1])
def test_a_document_that_is_cut_only_fills_gaps(order):
    cut = reading(True, answers=answer("Une longue réponse qui s'arr"), rubrique="eau")
    record, lost = best([cut, reading(answers=answer("Non."))][::order])
    assert (record.answers, record.rubrique) == (answer("Non."), "rivières")
    assert told(lost) == [("rubrique", "eau"), ("answers.text", "Une longue réponse qui s'arr")]
    assert best([cut])[0] == cut.record


def test_of_labels_and_dates_the_most_trusted_win():
    record, lost = best([reading(rubrique="eau"), reading(signalled=("12/03/2014",))])
    assert (record.rubrique, record.signalled) == ("eau", ("11/03/2014",))
    assert told(lost) == [("rubrique", "rivières"), ("signalled", "12/03/2014")]
    same = reading(rubrique="EAU", signalled=("2014-03-11",), answers=answer("<p>Quatre&nbsp;!</p>"))
    assert best([reading(rubrique="eau", answers=answer("Quatre !")), same])[1] == []


@given(st.lists(RECORDS, min_size=1, max_size=3))
def test_every_value_of_every_document_is_taken_or_told(records):
    record, lost = best([Reading(one) for one in records])
    kept = {leaf.casefold() for leaf in leaves(record)} | {anomaly.value.casefold() for anomaly in lost}
    assert {leaf.casefold() for each in records for leaf in leaves(each)} <= kept


@given(RECORDS)
def test_the_best_of_one_or_of_twice_the_same_is_that_one(one):
    assert best([Reading(one)]) == (one, [])
    assert best([Reading(one), Reading(one)]) == (one, [])
