from __future__ import annotations

import pytest

from etl.sample import TODAY, write_sample
from tests.sample.reading import Site, kind_of, legislature_of, texts
from tests.sample.test_forms import day_of


@pytest.fixture(scope="module")
def evening(tmp_path_factory) -> Site:
    """A site of which 90 questions are live and written."""
    write_sample(directory := tmp_path_factory.mktemp("evening"), 1000)
    return Site(directory)


@pytest.mark.parametrize("changes", [1, 7, 40, 500])
def test_exactly_so_many_records_change_and_only_live_ones(tmp_path, evening, changes):
    write_sample(tmp_path, 1000, changes=changes)
    after_it = Site(tmp_path)
    touched = 0
    for before, after in zip(evening.paths, after_it.paths, strict=True):
        key = (legislature_of(before), kind_of(before))
        if key != (17, "QE"):
            assert before.read_bytes() == after.read_bytes()
            continue
        old, new = evening.archives[key], after_it.archives[key]
        assert old.keys() <= new.keys()
        touched += sum(new[uid] != old.get(uid) for uid in new)
    assert touched == changes


def test_the_next_morning_has_every_kind_of_change(site, morning):
    old, new = site.archives[17, "QE"], Site(morning).archives[17, "QE"]
    seen = []
    for uid, record in new.items():
        before = old.get(uid)
        if before is None:
            seen.append("new")
            assert day_of(texts(record, "Question")[0]["infoJO"]["dateJO"]) == TODAY and record["cloture"] is None
        elif before != record:
            seen += [key for key in record if record[key] != before.get(key)]
            assert not texts(before, "Reponse") or texts(record, "Reponse")
    late = seen.count("textesReponse")
    assert seen.count("new") == 6 and late > 25
    for key in ("cloture", "renouvellements", "signalement", "minAttribs", "indexationAN"):
        assert key in seen
