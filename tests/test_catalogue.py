"""The archives that exist, by their true paths."""

import re

import pytest

from etl.catalogue import archives, name_of, people, stem_of
from etl.errors import UsageError
from etl.schema import ROOT as SOURCE

LIST = re.compile(r"""\[(['"]?QE['"]?(?:, ['"]?Q[A-Z]+['"]?)+)\]""")  # an enum of a schema or a Param, an SQL list
ROOT = "static/openData/repository"


def test_every_archive_of_the_site():
    assert [archive.name for archive in archives()] == [
        f"{legislature}/{question_type}" for legislature in (14, 15, 16, 17) for question_type in ("QE", "QG", "QOSD")
    ]
    assert all(archive.form == "json" for archive in archives())


@pytest.mark.parametrize(
    ("legislature", "question_type", "path"),
    [
        (14, "QE", f"{ROOT}/14/questions/questions_ecrites/Questions_ecrites_XIV.json.zip"),
        (15, "QG", f"{ROOT}/15/questions/questions_gouvernement/Questions_gouvernement_XV.json.zip"),
        (16, "QE", f"{ROOT}/16/questions/questions_ecrites/Questions_ecrites.json.zip"),
        (
            17,
            "QOSD",
            f"{ROOT}/17/questions/questions_orales_sans_debat/Questions_orales_sans_debat.json.zip",
        ),
    ],
)
def test_path_is_the_one_of_the_site(legislature, question_type, path):
    (archive,) = archives([legislature], [question_type])
    assert archive.path == path
    assert archive.key == (legislature, question_type)


def test_a_legislature_and_type_have_a_name_and_a_stem():
    (archive,) = archives([17], ["QOSD"])
    assert (archive.name, archive.stem) == (name_of(17, "QOSD"), stem_of(17, "QOSD")) == ("17/QOSD", "17-QOSD")


def test_only_the_current_legislature_is_live():
    assert {archive.legislature for archive in archives() if not archive.frozen} == {17}


def test_selection_keeps_the_order_and_says_nothing_twice():
    assert [archive.name for archive in archives([17, 15, 17], ["QG", "QE"])] == [
        "15/QE",
        "15/QG",
        "17/QE",
        "17/QG",
    ]


def test_legislature_opened_since_is_live_and_named_without_suffix():
    (archive,) = archives([18], ["QE"], opened=[18])
    assert archive.path == f"{ROOT}/18/questions/questions_ecrites/Questions_ecrites.json.zip"
    assert not archive.frozen
    assert len(archives(opened=[18])) == 15


def test_unknown_legislature_is_refused_with_those_that_exist():
    with pytest.raises(UsageError, match=r"no legislature 18 .* 14, 15, 16, 17"):
        archives([17, 18])


def test_unknown_type_is_refused_with_those_that_exist():
    with pytest.raises(UsageError, match=r"no type qe .* QE, QG, QOSD"):
        archives(types=["qe"])


def test_people_are_those_of_the_legislature_that_sits():
    file = (
        "tous_acteurs_mandats_organes_xi_legislature/AMO30_tous_acteurs_tous_mandats_tous_organes_historique.json.zip"
    )
    assert people().path == f"{ROOT}/17/amo/{file}"
    assert people([18]).path == f"{ROOT}/18/amo/{file}"
    assert (people().name, people().frozen) == ("17/people", False)
    assert people() not in archives()


LISTING = [
    path.relative_to(SOURCE)
    for folder in ("etl", "dags", "schemas")
    for path in sorted((SOURCE / folder).rglob("*"))
    if path.suffix in (".py", ".sql", ".yaml") and LIST.search(path.read_text("utf-8"))
]


@pytest.mark.parametrize("path", LISTING, ids=str)
def test_whoever_lists_the_types_lists_those_of_the_catalogue(path):
    types = list(dict.fromkeys(archive.question_type for archive in archives()))
    for listed in LIST.findall((SOURCE / path).read_text("utf-8")):
        assert re.findall(r"\w+", listed) == types
