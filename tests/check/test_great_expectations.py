"""Suites have Great Expectations' form, and our own runner of SQL says of them what Great Expectations says."""

from __future__ import annotations

from datetime import date

from etl.check.results import check
from etl.check.suites import suites
from etl.check.tables import opened
from etl.schema import EXPECTATIONS

from .conftest import clean, job


def test_great_expectations_says_the_same_of_every_rule(tmp_path):
    from etl.check.expect import expect  # seconds, which each of pytest's processes would pay

    data = clean()
    data.set(2, title="", question_text="<b>Texte</b>")
    data.set(3, question_date=date(2023, 1, 1), status=None)
    data.rows["attributions"].append(data.one("attributions", 4))
    data.drop("answer_texts", 6)
    data.job |= {"records_before": 30}
    jobs = [job(data, tmp_path)]
    wanted = suites(EXPECTATIONS, jobs[0].files)
    ours = {(one.suite, one.expectation): one.success for one in check(jobs, wanted, tmp_path)}
    with opened(jobs, tmp_path) as (_, path):
        pass  # and it is written when it is closed
    theirs = {rule: not answer for rule, answer in expect(wanted, path, tmp_path).items()}
    assert theirs == ours
    failing = {suite for (suite, _), holds in ours.items() if not holds}
    assert failing == {"questions", "attributions", "answer_texts"}
