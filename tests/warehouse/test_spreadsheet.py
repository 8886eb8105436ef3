"""Files for a spreadsheet: what French Excel needs, nothing that it would run, no number that looks odd."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from etl.errors import UsageError
from etl.warehouse import spreadsheet
from etl.warehouse.export import export
from etl.warehouse.query import write

ROWS = """
    SELECT 'é ; "cité"' AS "=nom", 0.1 + 0.2::DOUBLE AS part, 12.50::DECIMAL(5, 2) AS prix, DATE '2026-09-01' AS jour,
           TIMESTAMPTZ '2026-09-01 06:30:00+02' AS instant, true AS oui, ['a', 'b'] AS liste, NULL AS rien, -3 AS moins,
           '=1+1' AS calcul, DATE '0800-02-28' AS ancien, 12345678901234567890::HUGEINT AS grand, 1/0 AS infini
    UNION ALL BY NAME SELECT '+33 1' AS "=nom", '@SUM(A1)' AS calcul UNION ALL BY NAME SELECT '-x' AS calcul
    UNION ALL BY NAME SELECT E'\\tx' AS calcul
"""
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_a_csv_that_french_excel_opens(sampled, tmp_path):
    export(sampled, tmp_path / "out", "csv", ROWS, excel=True)
    raw = (tmp_path / "out" / "query.csv").read_bytes()
    assert raw.startswith("\ufeff".encode()) and b"\r\n" in raw
    names, row, *others, empty, source = csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=";")
    assert dict(zip(names, row, strict=True)) == {
        "'=nom": 'é ; "cité"', "part": "0,3", "prix": "12,5", "jour": "2026-09-01", "instant": "2026-09-01 04:30:00",
        "oui": "VRAI", "liste": '["a","b"]', "rien": "", "moins": "-3", "calcul": "'=1+1", "ancien": "0800-02-28",
        "grand": "12345678901234567890", "infini": "inf",
    }  # fmt: skip
    assert [other[names.index("calcul")] for other in others] == ["'@SUM(A1)", "'-x", "'\tx"]
    assert others[0][0] == "'+33 1"
    assert empty == []
    assert re.fullmatch(
        r"Source : Assemblée nationale, data.assemblee-nationale.fr, Licence Ouverte / Etalab 2.0 ; dernière récupération le "
        r"\d{4}-\d\d-\d\d ; version \d{8}T\d{6}Z-\w{8} ; questions inventées, à ne pas publier",
        *source,
    )


def cells(path: Path, sheet: int) -> list[dict[str, tuple[str | None, str]]]:
    """By row, the cells of a sheet: column, type and content."""
    with zipfile.ZipFile(path) as book:
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
        assert f"{MAIN}f" not in {element.tag for element in tree.iter()}, "a formula"
    return [
        {
            re.sub(r"\d", "", cell.attrib["r"]): (cell.attrib.get("t"), "".join(cell.itertext()))
            for cell in row.iter(f"{MAIN}c")
        }
        for row in tree.iter(f"{MAIN}row")
    ]


def test_a_workbook(sampled, tmp_path):
    path = tmp_path / "rows.xlsx"
    write(sampled, ROWS, "xlsx", path)
    names, row, *_ = cells(path, 1)
    assert [name for _, name in names.values()][:3] == ["=nom", "part", "prix"]
    assert row["B"] == (None, "0.3")
    assert row["C"] == (None, "12.5")
    assert row["D"] == (None, "46266")  # 2026-09-01, in days as Excel counts them
    assert float(row["E"][1]) == 46266.1875  # 04:30 in UTC
    assert row["F"] == ("b", "1")
    assert row["J"] == ("inlineStr", "=1+1")
    assert row["K"] == ("inlineStr", "0800-02-28")
    assert row["L"] == ("inlineStr", "12345678901234567890")
    about = cells(path, 2)
    assert about[0]["A"][1].startswith("Source : Assemblée nationale")
    assert about[1]["A"][1].strip() == ROWS.strip()


def test_what_a_sheet_cannot_hold(sampled, tmp_path, capsys, monkeypatch):
    write(sampled, "SELECT repeat('a', 40000) AS long", "xlsx", tmp_path / "long.xlsx")
    assert capsys.readouterr().err == "1 cells were cut: Excel holds 32,767 characters of each\n"
    export(sampled, tmp_path / "out", "csv", "SELECT repeat('a', 40000) AS long", excel=True)
    assert "1 cells were cut" in capsys.readouterr().err
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 10)
    with pytest.raises(UsageError, match="more than 9 rows"):
        write(sampled, "FROM range(10)", "xlsx", tmp_path / "many.xlsx")
    assert not (tmp_path / "many.xlsx").exists()
    with pytest.raises(UsageError, match="needs a file"):
        write(sampled, "SELECT 1", "xlsx", None)
    with pytest.raises(UsageError, match="--format csv"):
        export(sampled, tmp_path / "out", "parquet", "SELECT 1", excel=True)
    with pytest.raises(UsageError, match="no such folder"):
        write(sampled, "SELECT 1", "xlsx", tmp_path / "none" / "rows.xlsx")


def test_numbers_have_no_dust(sampled, tmp_path, capsys):
    query = "SELECT 0.1::DOUBLE + 0.2::DOUBLE AS part, 1e-300::DOUBLE AS small, 'nan'::DOUBLE AS none"
    write(sampled, query, "csv", None)
    assert capsys.readouterr().out.splitlines()[1] == "0.3,1e-300,nan"
    export(sampled, tmp_path / "out", "csv", query)
    assert (tmp_path / "out" / "query.csv").read_text().splitlines()[1] == "0.3,1e-300,nan"
