"""data.gouv.fr, whose API is played by a local server: told of each release once, and only where there is a key."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from werkzeug import Request, Response

from etl.errors import AnqError, UsageError
from etl.run.share import share
from etl.warehouse import release as releases
from tests.warehouse.days import day
from tests.work import run_of

KEY = "k3yOfTheApi"
PATH = "/api/1/datasets/5bc04b2c/resources/54d47250/"


class DataGouv:
    """A resource of a dataset, as the API has it; the key is asked for."""

    def __init__(self, httpserver):
        self.resource = {
            "id": "54d47250",
            "title": "Base DuckDB",
            "filetype": "remote",
            "url": "https://example.fr/old",
        }
        self.asked = []
        httpserver.expect_request(PATH).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked.append(request.method)
        if request.headers.get("X-API-KEY") != KEY:
            return Response('{"message": "Unauthorized"}', 401, content_type="application/json")
        if request.method == "PUT":
            self.resource |= request.get_json()
        return Response(json.dumps(self.resource), content_type="application/json")


@pytest.fixture
def datagouv(httpserver, folder, monkeypatch) -> DataGouv:
    for name, value in {
        "ANQ_PUBLISH": str(folder),
        "ANQ_PUBLISH_URL": "https://data.example.fr/anq",
        "ANQ_DATAGOUV_KEY": KEY,
        "ANQ_DATAGOUV_RESOURCE": "5bc04b2c/54d47250",
        "ANQ_DATAGOUV_API": httpserver.url_for("/api/1"),
    }.items():
        monkeypatch.setenv(name, value)
    return DataGouv(httpserver)


@pytest.fixture
def say():
    return []


@pytest.fixture
def run(settings, say):
    return run_of(settings, day(0), "1", say=say.append)


def test_it_leads_to_the_release(settings, names, datagouv, folder, run, say):
    assert share(run)
    said = json.loads((folder / "latest.json").read_bytes())
    database = said["files"][0]
    assert datagouv.resource == {
        "id": "54d47250",
        "title": "Base DuckDB",
        "filetype": "remote",
        "url": "https://data.example.fr/anq/latest/anq.duckdb",
        "format": "duckdb",
        "filesize": database["bytes"],
        "checksum": {"type": "sha256", "value": database["sha256"]},
    }
    assert say[1] == f"data.gouv.fr now leads to {names[0]}"
    assert not share(run)
    assert datagouv.asked == ["GET", "PUT", "GET"]


def test_without_a_key_it_is_not_asked(datagouv, run, monkeypatch):
    monkeypatch.delenv("ANQ_DATAGOUV_KEY")
    assert share(run)
    assert datagouv.asked == []


def test_what_failed_is_told_again_by_the_next_run(datagouv, run, monkeypatch, folder):
    monkeypatch.setenv("ANQ_DATAGOUV_KEY", "another")
    with pytest.raises(AnqError, match="401") as raised:
        share(run)
    assert "another" not in str(raised.value)
    assert (folder / "latest.json").exists()
    monkeypatch.setenv("ANQ_DATAGOUV_KEY", KEY)
    assert share(run)
    assert datagouv.resource["format"] == "duckdb"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ANQ_DATAGOUV_RESOURCE", "5bc04b2c", "dataset/resource"),
        ("ANQ_PUBLISH_URL", "", "set ANQ_PUBLISH_URL"),
    ],
)
def test_what_it_needs(datagouv, run, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=said):
        share(run)
    assert datagouv.asked == []


def test_it_is_not_told_of_made_up_questions(sampled, datagouv, folder, monkeypatch):
    from etl.settings import Settings

    run = run_of(Settings(sampled.parent, "sample"), datetime.now(UTC), "1")
    with pytest.raises(UsageError, match="made-up"):
        share(run)
    assert datagouv.asked == []
    assert releases.current(sampled).sample
