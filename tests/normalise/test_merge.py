"""Several documents of one question: the most trusted is kept whole, the others only fill."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.merge import merged
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
