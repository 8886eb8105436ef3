"""Each rule fires on its fault, with its severity, and no other does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from etl.check import Checker, CheckResult, gate
from etl.check.suites import digest
from etl.errors import GateError
from etl.lake.code import code_digest
from etl.schema import ROOT

from .conftest import TABLES, Data, clean, job

Check = Callable[[Data], list[CheckResult]]
C, W, I = "critical", "warning", "info"  # noqa: E741


class Fault(NamedTuple):
    """What is planted in one question, and every rule that it breaks."""

    kind: str
    plant: Callable[[Data, int], object]
    expected: dict[str, str]


def set_(table: str = "questions", /, **values: object) -> Callable[[Data, int], object]:
    if table == "questions":
        return lambda data, number: data.set(number, **values)
    return lambda data, number: data.one(table, number).update(values)


def only(table: str = "questions", /, **values: object) -> Callable[[Data, int], object]:
    """In this table alone, so that it disagrees with the others."""
    return lambda data, number: data.one(table, number).update(values)


def last(**values: object) -> Callable[[Data, int], object]:
    return lambda data, number: next(
        one for one in data.rows["attributions"] if (one["question_number"], one["rank"]) == (number, 2)
    ).update(values)


def other_uid(data: Data, number: int) -> None:
    data.one("questions", number)["uid"] += "0000"


def unattributed(data: Data, number: int) -> None:
    data.drop("attributions", number)


def without_any_ministry(data: Data, number: int) -> None:
    unattributed(data, number)
    names = ("id", "name", "asked_id", "asked_name", "asked")
    data.one("questions", number).update(dict.fromkeys(("ministry", *(f"ministry_{one}" for one in names))))


def attributed_twice(data: Data, number: int) -> None:
    data.rows["attributions"].append(dict(data.one("attributions", number)))


def erratum_too_early(table: str) -> Callable[[Data, int], object]:
    def plant(data: Data, number: int) -> None:
        erratum = {"rank": 2, "text": None, "erratum": "Lire : eau", "jo_date": date(2024, 6, 1)}
        data.rows[table].append({**data.one(table, number), **erratum})

    return plant


def blank_erratum(data: Data, number: int) -> None:
    empty = dict.fromkeys(("text", "jo_date", "erratum", "jo_page"))
    data.rows["question_texts"].append({**data.one("question_texts", number), "rank": 2, **empty})


def blank_text(data: Data, number: int) -> None:
    empty = dict.fromkeys(("text", "jo_date", "erratum", "jo_page"))
    data.rows["answer_texts"].append({**data.one("answer_texts", number), "rank": 2, **empty})


def renewed_backwards(data: Data, number: int) -> None:
    data.one("renewals", number)["renewed_on"] = date(2025, 4, 1)
    data.rows["renewals"].append({**data.one("renewals", number), "rank": 2, "renewed_on": date(2025, 3, 4)})


def orphan(table: str, kind: str) -> Fault:
    """Comes last, so that no gap opens in the numbers."""

    def plant(data: Data, number: int) -> None:
        for name in data.rows:
            if name != table:
                data.drop(name, number)

    rule = {
        "attributions": "attributions.has_question",
        "question_texts": "question_texts.has_question",
        "answer_texts": "answer_texts.has_question",
        "renewals": "renewals.has_question",
    }[table]
    return Fault(kind, plant, {rule: C})


NO_MINISTRY = dict.fromkeys(("ministry_id", "ministry", "ministry_name"))
NO_EVIDENCE = dict.fromkeys(("answer_text", "answer_date", "closure_code", "closure_label", "closed_on"))

FAULTS = [
    Fault("answered", other_uid, {"questions.uid_agrees": C}),
    Fault("answered", set_(uid="QANR5L17QE"), {"questions.uid_pattern": C, "questions.uid_agrees": C}),
    Fault("answered", set_(uid=None), {"questions.uid_not_null": C}),
    Fault("answered", set_(deputy_id="1234"), {"questions.deputy_id_pattern": C}),
    Fault("answered", set_(group_id="POnull"), {"questions.group_id_pattern": C}),
    Fault("answered", set_(record_sha256="ab" * 31), {"questions.record_sha256_pattern": C}),
    Fault("answered", set_(question_page=0), {"questions.question_page_minimum": C}),
    Fault("pending", set_(status="lost"), {"questions.status_allowed": C}),
    Fault(
        "pending",
        set_(question_date=date(2024, 6, 30)),
        {
            "questions.question_date_in_legislature": C,
            "questions.dates_follow_numbers": W,
            "questions.issue_on_tuesday": I,
        },
    ),
    Fault(
        "pending",
        set_(question_date=date(2025, 6, 11), signalled_on=None, renewed_on=None),
        {
            "questions.question_date_in_legislature": C,
            "questions.dates_follow_numbers": W,
            "questions.issue_on_tuesday": I,
        },
    ),
    Fault("pending", set_(question_date=date(2025, 6, 10), signalled_on=None, renewed_on=None), {}),
    Fault(
        "answered",
        set_(answer_date=date(2052, 3, 4)),
        {"questions.answer_date_in_legislature": C, "questions.closure_on_answer_day": I},
    ),
    Fault("pending", set_(signalled_on=date(2025, 9, 9)), {"questions.other_dates_in_legislature": W}),
    Fault(
        "answered",
        set_(answer_date=date(2025, 1, 6)),
        {"questions.answer_after_question": C, "questions.closure_on_answer_day": I},
    ),
    Fault("pending", set_(renewed_on=date(2025, 1, 6)), {"questions.follow_up_after_question": W}),
    Fault("answered", set_(closed_on=date(2025, 3, 14)), {"questions.closure_on_answer_day": I}),
    Fault("answered", set_(**NO_EVIDENCE), {"questions.answered_has_evidence": C}),
    Fault("answered", set_(answer_text=None), {"questions.answered_has_text": W}),
    Fault("answered", set_(answer_text=" \n"), {"questions.answered_has_text": W, "questions.text_well_written": W}),
    Fault("answered", set_(answer_date=None), {"questions.answered_has_date": W}),
    Fault("answered", set_(status="closed", answer_text=None), {"questions.published_answer_is_answered": W}),
    Fault("pending", set_(answer_text="Une réponse."), {"questions.pending_has_no_answer": C}),
    Fault(
        "answered",
        set_(status="pending"),
        {"questions.pending_has_no_answer": C, "questions.pending_is_open": C},
    ),
    Fault(
        "pending",
        set_(closure_label="Fin de mandat"),
        {"questions.pending_is_open": C, "questions.status_as_closed": W},
    ),
    Fault("pending", set_(answer_date=date(2025, 3, 4)), {"questions.pending_has_no_end": W}),
    Fault("withdrawn", set_(answer_text="Une réponse."), {"questions.unanswered_has_no_answer": C}),
    Fault("withdrawn", set_(closure_code=None, closure_label=None), {"questions.closed_says_why": W}),
    Fault("pending", set_(status="lapsed"), {"questions.lapsed_says_why": C}),
    Fault("answered", set_(question_text=None), {"questions.question_has_text": W}),
    Fault("answered", set_(question_date=None), {"questions.question_has_date": W}),
    Fault("answered", set_(ministry_id="PO1"), {"questions.ministry_is_last_attribution": C}),
    Fault("answered", last(ministry="Économie"), {"questions.ministry_is_last_attribution": C}),
    Fault(
        "answered",
        unattributed,
        {"questions.ministry_is_last_attribution": C, "attributions.last_is_the_reattribution": C},
    ),
    Fault("answered", without_any_ministry, {"questions.has_ministry": W, "attributions.last_is_the_reattribution": C}),
    Fault("answered", set_(deputy_id=None), {"questions.has_author": W}),
    Fault("answered", set_(title=None, rubrique=None, analyses=None), {"questions.has_title": I}),
    Fault("answered", set_(question_page=None, answer_page=None, rubrique=None), {}),
    Fault("answered", set_(group_id=None, ministry_asked_id=None), {}),
    Fault("answered", set_(answer_text="Une <strong>réponse"), {"questions.text_without_markup": W}),
    Fault("answered", set_(question_text="l'&oelig;uvre"), {"questions.text_without_markup": W}),
    Fault("answered", set_(answer_text="c&#339;ur"), {"questions.text_without_markup": W}),
    Fault("answered", set_(answer_text="a < b et c> d, R&D; <jean@exemple.fr>, < p>"), {}),
    Fault("answered", set_(answer_text="Une rÃ©ponse"), {"questions.text_without_mojibake": W}),
    Fault("answered", set_(answer_text="Une r\ufffdponse"), {"questions.text_without_mojibake": W}),
    Fault(
        "answered",
        set_("attributions", rank=3),
        {
            "attributions.ranks_follow": C,
            "attributions.last_is_the_reattribution": C,
            "questions.ministry_is_last_attribution": C,
            "attributions.dates_in_order": W,
        },
    ),
    Fault(
        "answered",
        set_("attributions", rank=0),
        {"attributions.rank_minimum": C, "attributions.ranks_follow": C},
    ),
    Fault("answered", attributed_twice, {"attributions.key_unique": C}),
    Fault("answered", set_("attributions", jo_type="JO_NOUVEAU"), {"attributions.jo_type_allowed": W}),
    Fault("answered", set_("attributions", ministry_id="653280"), {"attributions.ministry_id_pattern": C}),
    Fault(
        "answered",
        last(jo_date=date(2025, 1, 6)),
        {"attributions.dates_in_order": W, "attributions.last_is_the_reattribution": C},
    ),
    Fault(
        "answered",
        set_("attributions", jo_date=date(2024, 6, 30)),
        {"attributions.dates_in_legislature": W},
    ),
    Fault("answered", set_("attributions", **NO_MINISTRY), {"attributions.names_a_ministry": W}),
    Fault("answered", only(question_text="Un autre texte."), {"question_texts.last_is_the_questions": C}),
    Fault(
        "answered",
        only(question_date=date(2025, 1, 14)),
        {"question_texts.first_is_the_questions": C, "questions.dates_follow_numbers": W},
    ),
    Fault("answered", only(answer_text="Une réponse."), {"answer_texts.last_is_the_answers": C}),
    Fault("answered", only("answer_texts", text="La ministre rép"), {"answer_texts.last_is_the_answers": C}),
    Fault("answered", only("answer_texts", jo_date=date(2025, 3, 11)), {"answer_texts.first_is_the_answers": C}),
    Fault("answered", only("answer_texts", jo_page=0), {"answer_texts.jo_page_minimum": C}),
    Fault("answered", only("answer_texts", jo_type="JO_NOUVEAU"), {"answer_texts.jo_type_allowed": W}),
    Fault("pending", only(renewed_on=date(2025, 3, 11)), {"renewals.last_is_the_questions": C}),
    Fault("pending", only("renewals", rank=2), {"renewals.ranks_follow": C}),
    Fault("answered", only("answer_texts", rank=2), {"answer_texts.ranks_follow": C}),
    Fault("answered", only("question_texts", rank=2), {"question_texts.ranks_follow": C}),
    Fault(
        "pending",
        set_(renewed_on=date(2024, 6, 4)),
        {
            "questions.other_dates_in_legislature": W,
            "renewals.dates_in_legislature": W,
            "questions.follow_up_after_question": W,
        },
    ),
    Fault("answered", erratum_too_early("question_texts"), {"question_texts.dates_in_legislature": W}),
    Fault("answered", erratum_too_early("answer_texts"), {"answer_texts.dates_in_legislature": W}),
    Fault("answered", blank_erratum, {"question_texts.says_something": W}),
    Fault("answered", blank_text, {"answer_texts.says_something": W}),
    Fault("pending", renewed_backwards, {"renewals.in_order": W}),
    orphan("attributions", "answered"),
    orphan("question_texts", "answered"),
    orphan("answer_texts", "answered"),
    orphan("renewals", "pending"),
]


@pytest.fixture(scope="module")
def broken(check: Check) -> dict[int, dict[str, str]]:
    """By question, the rules it breaks, in one partition that holds a question a fault."""
    data = Data()
    for number, fault in enumerate(FAULTS, 1):
        data.add(number, fault.kind)
        fault.plant(data, number)
    found: dict[int, dict[str, str]] = {}
    for one in check(data):
        for row in json.loads(one.examples or "[]"):
            assert (row["legislature"], row["question_type"]) == (17, "QE")
            found.setdefault(row["question_number"], {})[f"{one.suite}.{one.expectation}"] = one.severity
    return found


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1), ids=[next(iter(one.expected), "none") for one in FAULTS])
def test_a_fault_in_a_question_breaks_its_rules_and_no_other(broken, number):
    assert broken.get(number, {}) == FAULTS[number - 1].expected


def fails(check: Check, data: Data) -> dict[str, str]:
    return {f"{one.suite}.{one.expectation}": one.severity for one in check(data) if not one.success}


def test_clean_data_break_nothing(check: Check):
    results = check(clean())
    assert [one for one in results if not one.success] == []
    assert {one.suite for one in results} == set(TABLES)
    assert {one.failing_rows for one in results} == {0}
    gate(results)


def test_a_legislature_of_unknown_dates_is_not_judged_by_them(check: Check):
    data = clean()
    data.job |= {"opened_on": None, "records_before": None}
    assert fails(check, data) == {}


def test_an_empty_partition_passes_only_without_a_past(check: Check):
    assert fails(check, Data()) == {}
    assert fails(check, Data(job={"frozen": True})) == {"questions.has_rows": C}
    with pytest.raises(GateError, match=r"such as records 0, records_before 20\n"):
        gate(check(Data(job={"records_before": 20})))


@pytest.mark.parametrize(
    ("rows", "before", "frozen", "expected"),
    [
        (97, 100, False, {"questions.rows_kept": C}),
        (97, 100, True, {"questions.rows_kept": C}),
        (98, 100, False, {"questions.rows_fewer": I}),
        (98, 100, True, {"questions.rows_frozen": W}),
        (100, 99, True, {"questions.rows_frozen": W}),
        (100, 99, False, {}),
        (100, 100, True, {}),
    ],
)
def test_the_count_of_rows_is_held_against_the_last_release(check: Check, rows, before, frozen, expected):
    data = clean(rows)
    data.job |= {"records_before": before, "frozen": frozen}
    assert fails(check, data) == expected


@pytest.mark.parametrize(("rows", "expected"), [(98, {}), (97, {"deputies.rows_kept": C})])
def test_two_people_in_a_hundred_may_go(checker: Checker, tmp_path: Path, rows: int, expected: dict[str, str]):
    people = [{"deputy_id": f"PA{n}", "first_name": "Aa", "last_name": f"Bb{n}"} for n in range(1, 101)]
    made = []
    for count in (100, rows):
        data = Data({"deputies": people[:count], "mandates": [], "organs": []})
        data.job |= {"archive": "people", "legislature": None, "question_type": None, "beside": {}, "opened_on": None}
        data.job["before"] = made[0].files if made else {}
        (folder := tmp_path / str(len(made))).mkdir()
        made.append(job(data, folder))
    found = {f"{one.suite}.{one.expectation}": one.severity for one in checker.check(made[1:]) if not one.success}
    assert found == expected


def test_questions_marked_absent_do_not_make_up_for_lost_ones(check: Check):
    data = clean(100)
    data.job["absent"] = 3
    assert fails(check, data) == {"questions.rows_kept": C}
    data.job |= {"absent": 100, "frozen": True}
    assert fails(check, data) == {"questions.has_rows": C}


def test_a_question_of_another_archive_is_critical(check: Check):
    data = clean()
    for rows in data.rows.values():
        for row in rows:
            row.update(legislature=16 if row["question_number"] in (3, 4) else 17)
    for number in (3, 4):
        data.one("questions", number)["uid"] = f"QANR5L16QE{number}"
    assert fails(check, data) == {
        "questions.key_in_archive": C,
        "attributions.key_in_archive": C,
        "question_texts.key_in_archive": C,
        "answer_texts.key_in_archive": C,
        "renewals.key_in_archive": C,
        "questions.numbers_follow": I,
    }


def test_doubled_keys_and_uids_are_critical(check: Check):
    data = clean()
    data.rows["questions"].append(dict(data.one("questions", 2)))
    assert fails(check, data) == {
        "questions.key_unique": C,
        "questions.uid_unique": C,
        "questions.records_differ": C,
    }


def test_the_journal_goes_on_for_31_days_after_a_legislature(check: Check):
    data = clean()
    data.job |= {"today": date(2026, 1, 1), "closed_on": date(2025, 2, 1)}
    for row in data.rows["questions"]:
        if row["status"] == "pending":
            row["status"] = "lapsed"
    assert fails(check, data) == {}
    data.job |= {"closed_on": date(2025, 1, 31)}
    assert fails(check, data) == {
        "questions.answer_date_in_legislature": C,
        "questions.other_dates_in_legislature": W,
        "renewals.dates_in_legislature": W,
    }


def test_a_qg_has_neither_text_nor_date_of_question(check: Check):
    data = clean(18)  # too few to be held to have answers
    data.job["question_type"] = "QG"
    for rows in data.rows.values():
        for row in rows:
            row["question_type"] = "QG"
    data.rows["question_texts"] = []
    for row in data.rows["questions"]:
        row.update(uid=row["uid"].replace("QE", "QG"), question_date=None, question_text=None)
    assert fails(check, data) == {}
    data.one("questions", 2)["question_date"] = date(2025, 1, 7)
    assert fails(check, data) == {
        "questions.qg_has_no_question_date": C,
        "question_texts.first_is_the_questions": C,
    }


def test_a_gap_in_the_numbers_is_told_with_its_place(check: Check):
    data = clean()
    for table in data.rows:
        data.drop(table, 6)
        data.drop(table, 7)
    data.job["records_before"] = 18
    (gap,) = [one for one in check(data) if not one.success]
    assert (gap.expectation, gap.severity, gap.failing_rows) == ("numbers_follow", "info", 1)
    place = {"legislature": 17, "question_type": "QE", "question_number": 8, "missing_before": 2}
    assert json.loads(gap.examples) == [place]


def test_counts_are_true_and_the_gate_names_archive_rules_and_keys(check: Check):
    data = clean(300)
    for number in range(1, 301):
        data.set(number, question_date=date(2024, 1, 2), group_id="x", source_member=None)
    failed = [one for one in check(data) if not one.success]
    assert {one.expectation: one.failing_rows for one in failed} == {
        "question_date_in_legislature": 300,
        "group_id_pattern": 300,
        "source_member_not_null": 300,
    }
    for one in failed:
        examples = json.loads(one.examples)
        assert len(examples) == 20
        assert all(row["question_number"] for row in examples)
    with pytest.raises(GateError) as stop:
        gate(failed)
    assert "17/QE: held back, 3 critical" in str(stop.value)
    assert "questions.group_id_pattern: 300 row(s), such as 17/QE/" in str(stop.value)


def test_known_defects_of_the_source_do_not_stop_a_release(check: Check):
    data = clean()
    data.set(3, answer_text=None, closed_on=date(2025, 4, 1), rubrique=None, answer_page=None)
    results = check(data)
    assert {one.severity for one in results if not one.success} == {W, I}
    gate(results)


def written_rules() -> list[tuple[str, dict[str, str]]]:
    return [
        (path.stem, rule)
        for path in sorted((ROOT / "expectations").glob("*.json"))
        for rule in json.loads(path.read_text("utf-8"))
    ]


def test_every_written_rule_has_a_planted_fault():
    folder = ROOT / "tests" / "check"
    source = "".join((folder / name).read_text("utf-8") for name in ("test_rules.py", "test_mutations.py"))
    for suite, rule in written_rules():
        name = f"{suite}.{rule['rule']}"
        assert f'"{name}"' in source or f'"{rule["rule"]}"' in source, name


@pytest.mark.parametrize("code", ["expect.py", "jobs.py", "tables.py", "patterns.py", "suites.py", "questions.json"])
def test_other_rules_or_other_code_that_runs_them_have_another_digest(code, monkeypatch):
    def fresh() -> str:
        code_digest.cache_clear()
        return digest.__wrapped__()

    read = Path.read_bytes
    before = fresh()
    assert fresh() == before
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path.name == code))
    assert fresh() != before
    monkeypatch.undo()
    assert fresh() == before
