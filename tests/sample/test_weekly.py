"""The sample's issues say what its archives say, and are the same bytes for the same seed."""

from __future__ import annotations

from collections import defaultdict

from etl.catalogue import JOURNAL
from etl.files import taz
from etl.normalise.text import to_markdown
from etl.parse.journal_xml import read
from etl.sample import write_sample
from tests.sample.reading import Site, texts


def issues_of(directory):
    return sorted((directory / JOURNAL).iterdir())


def entries_of(path):
    [document] = [content for name, content in taz.members(path, path.stem).items() if name.startswith("REDIF")]
    entries, bad, odd = read(document)
    assert (bad, odd) == ([], [])
    return entries


def test_the_last_eight_tuesdays(sample):
    assert [path.name for path in issues_of(sample)] == [f"ANQ202600{number}.taz" for number in range(27, 35)]


def test_they_print_what_the_archives_hold(sample):
    live = Site(sample).archives[17, "QE"]
    printed, days = {"Question": defaultdict(list), "Reponse": defaultdict(list)}, set()
    together = 0
    for path in issues_of(sample):
        for entry in entries_of(path):
            side = "Reponse" if entry.answer else "Question"
            text = entry.answer.text if entry.answer else entry.questions[0].text
            together += len(entry.questions) > 1
            for one in entry.questions:
                printed[side][one.number].append((one.date, one.page, to_markdown(text)))
                days.add(one.date)
    for side, by_number in printed.items():
        expected = defaultdict(list)
        for record in live.values():
            for item in texts(record, side):
                if item["infoJO"]["dateJO"][:10] in days:
                    jo = item["infoJO"]
                    expected[int(record["identifiant"]["numero"])].append(
                        (jo["dateJO"][:10], jo["pageJO"], to_markdown(item["texte"]))
                    )
        assert by_number == expected
        assert len(expected) > 10
    assert together > 1


def test_same_bytes_and_the_next_morning_only_adds_one(sample, morning, tmp_path):
    write_sample(tmp_path, 3000)
    before, same, after = (
        {path.name: path.read_bytes() for path in issues_of(site)} for site in (sample, tmp_path, morning)
    )
    assert same == before
    assert {name: after[name] for name in before} == before
    assert after.keys() - before == {"ANQ20260035.taz"}
    answered = [entry for entry in entries_of(morning / JOURNAL / "ANQ20260035.taz") if entry.answer]
    assert len(answered) > 10
