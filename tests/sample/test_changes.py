from __future__ import annotations

import pytest

from etl.sample import TODAY, write_sample
from tests.sample.reading import Site, kind_of, legislature_of, texts
from tests.sample.test_forms import day_of


@pytest.mark.parametrize("changes", [1, 7, 40, 500])
def test_exactly_so_many_records_change_and_only_live_ones(tmp_path, site, changes):
    write_sample(tmp_path, changes=changes)
    morning = Site(tmp_path)
    touched = 0
    for before, after in zip(site.paths, morning.paths, strict=True):
        key = (legislature_of(before), kind_of(before))
        if key != (17, "QE"):
            assert before.read_bytes() == after.read_bytes()
            continue
        old, new = site.archives[key], morning.archives[key]
        assert old.keys() <= new.keys()
        touched += sum(new[uid] != old.get(uid) for uid in new)
    assert touched == changes


def test_the_next_morning_has_every_kind_of_change(tmp_path, site):
    write_sample(tmp_path, changes=60)
    old, new = site.archives[17, "QE"], Site(tmp_path).archives[17, "QE"]
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
