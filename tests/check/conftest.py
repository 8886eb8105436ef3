"""One checking process for the whole session: importing Great Expectations takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.check import Checker, CheckJob, CheckResult
from etl.schema import KEY, ROOT, tables
from etl.schema.arrow import arrow

Row = dict[str, Any]
TABLES = ("questions", "attributions", "question_texts", "answer_texts", "renewals")
SHA = "ab" * 32

ASKED = {"ministry_id": "PO1", "ministry": "Santé", "ministry_name": "Ministère de la santé"}
IN_CHARGE = {"ministry_id": "PO2", "ministry": "Travail", "ministry_name": "Ministère du travail"}
KINDS: dict[str, Row] = {
    "answered": {
        "status": "answered",
        "answer_date": date(2025, 3, 4),
        "answer_page": 30,
        "answer_text": "La ministre répond.",
        "closure_code": "REP_PUB",
        "closure_label": "Réponse publiée",
        "closed_on": date(2025, 3, 4),
    },
    "pending": {"status": "pending", "signalled_on": date(2025, 2, 4), "renewed_on": date(2025, 3, 4)},
    "withdrawn": {
        "status": "withdrawn",
        "closure_code": "AU",
        "closure_label": "Retrait à l'initiative de l'auteur",
        "closed_on": date(2025, 2, 4),
    },
}


@dataclass
class Data:
    """A partition's rows by table, to be spoilt by a test, and what its job says of it."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    job: Row = field(default_factory=dict)

    def one(self, table: str, number: int) -> Row:
        """The question's first row in a table."""
        return next(row for row in self.rows[table] if row["question_number"] == number)

    def set(self, number: int, **values: object) -> None:
        """Replaces columns of a question, and of its texts and renewals what these columns come from."""
        self.one("questions", number).update(values)
        for column, value in values.items():
            side, _, what = column.partition("_")
            if side in ("question", "answer") and what in ("text", "date"):
                rows = [one for one in self.rows[f"{side}_texts"] if one["question_number"] == number]
                if not rows and what == "text" and value is not None:
                    key = {name: self.one("questions", number)[name] for name in KEY}
                    rows = [{**key, "rank": 1, "jo_type": None, "jo_page": None, "erratum": None, "jo_date": None}]
                    self.rows[f"{side}_texts"] += rows
                for row in rows:
                    row["text" if what == "text" else "jo_date"] = value
                    if row["text"] is row["jo_date"] is None:
                        self.drop(f"{side}_texts", number)
            if column == "renewed_on":
                self.drop("renewals", number)
                if value is not None:
                    key = {name: self.one("questions", number)[name] for name in KEY}
                    self.rows["renewals"].append({**key, "rank": 1, "renewed_on": value})

    def drop(self, table: str, number: int) -> None:
        self.rows[table] = [row for row in self.rows[table] if row["question_number"] != number]

    def add(self, number: int, kind: str) -> None:
        """A QE of the 17th legislature with nothing wrong."""
        key = {"legislature": 17, "question_type": "QE", "question_number": number}
        question = {
            **key,
            "uid": f"QANR5L17QE{number}",
            "deputy_id": f"PA{number}",
            "mandate_id": f"PM{number}",
            "group_id": "PO845401",
            "group_abbr": "GRP",
            "group_name": "Le groupe",
            **{name.replace("ministry", "ministry_asked"): value for name, value in ASKED.items()},
            **IN_CHARGE,
            "rubrique": "santé",
            "title": "Soins à domicile",
            "analyses": ["Soins à domicile", "Tarifs"],
            "question_date": date(2025, 1, 7),
            "question_page": 12,
            "question_text": f"Mme A interroge la ministre, {number} : a < b, R&D ; et *après* ?",
            "reattributed_on": date(2025, 1, 20),
            "source_sha256": SHA,
            "source_member": f"json/QANR5L17QE{number}.json",
            "record_sha256": f"{number:064x}",
            **KINDS[kind],
        }
        text = {"jo_type": "JO_QUESTION", "jo_page": 12, "erratum": None, "text": question["question_text"]}
        self.rows["questions"].append(question)
        self.rows["attributions"] += [
            {**key, "rank": 1, **ASKED, "jo_type": "JO_QUESTION", "jo_date": date(2025, 1, 7)},
            {**key, "rank": 2, **IN_CHARGE, "jo_type": "JO_LOI_DECRET", "jo_date": date(2025, 1, 20)},
        ]
        self.rows["question_texts"].append({**key, "rank": 1, **text, "jo_date": date(2025, 1, 7)})
        if kind == "answered":
            answer = {"text": question["answer_text"], "jo_date": question["answer_date"]}
            self.rows["answer_texts"].append({**key, "rank": 1, **text, **answer})
        if kind == "pending":
            self.rows["renewals"].append({**key, "rank": 1, "renewed_on": date(2025, 3, 4)})


def clean(count: int = 20) -> Data:
    """Questions of every kind, with nothing wrong."""
    data = Data(job={"records_before": count})
    for number in range(1, count + 1):
        data.add(number, tuple(KINDS)[number % 3])
    return data


def job(data: Data, folder: Path, there: Mapping[str, list[str]] | None = None) -> CheckJob:
    """Writes the partition, but for the tables that are `there`; a table without rows has no file."""
    files: dict[str, list[str]] = {}
    for name, rows in data.rows.items():
        files[name] = (there or {}).get(name, [])
        if rows and not files[name]:
            schema = pa.schema([one.with_nullable(True) for one in arrow(tables()[name])])
            pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")
            files[name] = [str(folder / f"{name}.parquet")]
    said = {
        "archive": "17/QE",
        "legislature": 17,
        "question_type": "QE",
        "files": files,
        "beside": {"deputies": [], "mandates": [], "organs": []},
        "absent": 0,
        "records_before": None,
        "today": date(2025, 6, 3),
        "opened_on": date(2024, 7, 1),
        "closed_on": None,
        "frozen": False,
    }
    return CheckJob(**{**said, **data.job})


@pytest.fixture(scope="session")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of expectations/ that a test may spoil and must mend."""
    return Path(shutil.copytree(ROOT / "expectations", tmp_path_factory.mktemp("suites") / "expectations"))


@pytest.fixture(scope="session")
def checker(suites: Path) -> Iterator[Checker]:
    with Checker(suites) as running:
        yield running


@pytest.fixture(scope="session")
def check(checker: Checker, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Data], list[CheckResult]]:
    return lambda data: checker.check([job(data, tmp_path_factory.mktemp("partition"))])
