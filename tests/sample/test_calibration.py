"""Volumes, lengths and delays are near docs/source/formats.md 8 and 10."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, median

from etl.sample.days import Calendar, tuesdays
from etl.sample.facts import LEGISLATURES
from etl.search.words import words
from tests.sample.reading import texts
from tests.sample.test_forms import day_of


def lengths(site, kind: str, side: str) -> list[int]:
    return [len(item["texte"]) for record in site.records(kind) for item in texts(record, side)[:1]]


def test_written_texts(site):
    asked, answered = lengths(site, "QE", "Question"), lengths(site, "QE", "Reponse")
    assert 1_250 < median(asked) < 1_560 and min(asked) >= 363 and max(asked) < 2_600
    assert 2_250 < median(answered) < 2_870 and 2_700 < mean(answered) < 3_600
    assert min(answered) >= 870 and max(answered) < 9_500


def test_spoken_texts(site):
    assert 4_900 < mean(lengths(site, "QG", "Reponse")) < 5_900
    assert 1_600 < mean(lengths(site, "QOSD", "Question")) < 2_100


def test_words_are_as_many_and_as_rare_as_real_ones(site):
    """1,300 real debates of ../shared/realdata: 15,700 stems, of which 38 in a hundred stand in one text, 6 in a hundred texts."""
    of_texts: Counter[str] = Counter()
    for record in site.records()[:2_500]:
        whole = " ".join(item["texte"] for side in ("Question", "Reponse") for item in texts(record, side))
        pieces = re.sub("<[^>]*>", " ", whole).split()
        of_texts.update({word.stem for piece in pieces for word in words(piece) if word.stem})
    stems = len(of_texts)
    assert 14_400 < stems < 17_600
    assert 0.30 < sum(count == 1 for count in of_texts.values()) / stems < 0.45
    assert 0.04 < sum(count >= 100 for count in of_texts.values()) / stems < 0.10


def test_titles(site):
    titles = [r["indexationAN"]["analyses"]["analyse"] for r in site.records("QE", legislatures=(17,))]
    assert 45 < median(len(title) for title in titles if title) < 70
    assert max(len(title) for title in titles if title) <= 130


def test_volumes_follow_the_real_ones(site):
    real = sum(sum(facts.volumes.values()) for facts in LEGISLATURES.values())
    for (legislature, kind), archive in site.archives.items():
        assert abs(len(archive) - 3000 * LEGISLATURES[legislature].volumes[kind] / real) <= 8


def test_written_questions_come_out_on_tuesdays_none_skipped():
    for legislature, facts in LEGISLATURES.items():
        calendar = Calendar(legislature, "QE", facts.volumes["QE"])
        days = Counter(calendar.day(number) for number in range(1, facts.volumes["QE"] + 1))
        issues = sorted(days)
        assert {day.weekday() for day in issues} == {1}
        assert {later - earlier for earlier, later in pairwise(issues)} == {timedelta(days=7)}
        assert issues == tuesdays(facts)
    assert issues[0] == date(2024, 10, 1) and issues[-1] == date(2026, 8, 25)
    by_month = Counter(day.strftime("%Y-%m") for day in days.elements())
    assert 1_450 < by_month["2024-10"] < 1_800 and by_month["2025-08"] < 400


def test_spoken_answers_come_out_on_wednesdays_and_thursdays(site):
    days = Counter(
        day_of(item["infoJO"]["dateJO"]).weekday() for record in site.records("QG") for item in texts(record, "Reponse")
    )
    assert set(days) == {2, 3} and days[2] > days[3]


def test_numbers_grow_with_days(site):
    for (_, kind), archive in site.archives.items():
        side = "Reponse" if kind == "QG" else "Question"
        days = [
            day_of(texts(record, side)[0]["infoJO"]["dateJO"]) for record in archive.values() if texts(record, side)
        ]
        assert days == sorted(days)


def test_delays_and_pending(site):
    delays = [
        (day_of(answer[0]["infoJO"]["dateJO"]) - day_of(texts(record, "Question")[0]["infoJO"]["dateJO"])).days
        for record in site.records("QE")
        if (answer := texts(record, "Reponse"))
    ]
    assert 60 < median(delays) < 130
    assert sum(delay > 365 for delay in delays) > 0.02 * len(delays)
    live = site.records("QE", legislatures=(17,))
    assert 0.28 < sum(record["cloture"] is None for record in live) / len(live) < 0.42
    for legislature, most in ((14, 0.08), (15, 0.13), (16, 0.3)):
        old = site.records("QE", legislatures=(legislature,))
        lapsed = [r for r in old if not texts(r, "Reponse") and (r["cloture"] or {}).get("codeCloture") != "AU"]
        assert 0.01 < len(lapsed) / len(old) < most


def test_deputies_keep_their_reference_and_get_a_mandate_a_legislature(site):
    mandates: dict[str, set[str]] = {}
    for record in site.records():
        identity = record["auteur"]["identite"]
        mandates.setdefault(identity["mandatRef"], set()).add(
            identity["acteurRef"] + record["identifiant"]["legislature"]
        )
    assert all(len(holders) == 1 for holders in mandates.values())
    by_actor = Counter(next(iter(holders))[:-2] for holders in mandates.values())
    assert any(count > 1 for count in by_actor.values())
