"""What a run is measured by: a real run, sent to a collector on loopback that reads OpenTelemetry's protocol."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from pytest_httpserver import HTTPServer

from etl.run import metrics
from etl.run.policy import Failure
from etl.run.publish import publish
from etl.run.questions import plan, prepare_all
from etl.run.summary import summarise
from etl.schema import ROOT
from etl.settings import Settings
from tests.archives import archive_of, question, site
from tests.faults.server import refused_url
from tests.warehouse.days import day
from tests.work import run_of

Values = dict[tuple[str, ...], float]


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("measured")
    site(root / "site", {"17/QE": archive_of(*(question(17, "QE", number) for number in range(1, 8)))})
    return Settings(root / "home", str(root / "site"))


def ended(settings: Settings, number: int, said: list[str], *also: Failure):
    """A run to its end, with its metrics sent, as if this had failed too; gives its summary."""
    run = run_of(settings, day(number), f"{number}", say=said.append)
    outcomes = prepare_all(plan(settings), run)
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    summary = summarise(run, (), publish(run, failures))
    metrics.send(run, summary, [*failures, *also])
    return summary


def values(httpserver: HTTPServer) -> Values:
    """By metric and attributes, what the last request brought."""
    request, _ = httpserver.log[-1]
    sent = ExportMetricsServiceRequest.FromString(request.get_data())
    [scope] = sent.resource_metrics[0].scope_metrics
    return {
        (metric.name, *(one.value.string_value for one in sorted(point.attributes, key=lambda one: one.key))): (
            point.as_double or point.as_int
        )
        for metric in scope.metrics
        for point in metric.gauge.data_points
    }


def test_a_run_and_one_with_nothing_new(settings, httpserver: HTTPServer, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", httpserver.url_for("/v1/metrics"))
    httpserver.expect_request("/v1/metrics", method="POST").respond_with_data()
    said: list[str] = []
    ended(settings, 0, said)
    first = values(httpserver)
    assert first["anq.records.read", "17/QE"] == first["anq.records.changed", "17/QE"] == 7
    assert first["anq.release.rows", "questions"] == 7
    assert first["anq.step.failed", "17/QE", "parse"] == first["anq.run.failures",] == 0
    [archive] = (settings.home / "raw").glob("*.zip")
    assert first["anq.fetch.size", "17/QE"] == archive.stat().st_size
    assert first["anq.release.size",] == (settings.warehouse / "current.duckdb").stat().st_size
    assert first["anq.data.age",] == 0
    assert {name for name, *_ in first} == set(metrics.METRICS)

    ended(settings, 2, said)
    later = values(httpserver)
    assert later["anq.data.age",] == timedelta(days=2).total_seconds()
    assert not {name for name, *_ in later} & {"anq.records.read", "anq.fetch.size"}
    assert said == []


def test_what_failed(settings, httpserver: HTTPServer, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", httpserver.url_for(""))
    httpserver.expect_request("/v1/metrics", method="POST").respond_with_data()
    site(Path(settings.source), {"17/QE": b"no zip"})
    ended(settings, 3, [])
    sent = values(httpserver)
    assert sent["anq.run.failures",] == sent["anq.step.failed", "17/QE", "fetch"] == 1
    ended(settings, 3, [], Failure("share", 1, "the place is full"))
    assert values(httpserver)["anq.run.failures",] == 2


def test_without_an_address_nothing_is_sent(settings, monkeypatch):
    monkeypatch.setattr("etl.run.metrics.measure", lambda *_: pytest.fail("it was measured"))
    ended(settings, 4, [])


@pytest.mark.parametrize("fault", ["refused", "400"])
def test_an_address_that_does_not_take_it_is_said_and_no_error(settings, httpserver: HTTPServer, monkeypatch, fault):
    httpserver.expect_request("/secret", method="POST").respond_with_data(status=400)
    monkeypatch.setattr(metrics, "_PATIENCE_S", 1.0)
    said: list[str] = []
    with refused_url() as refused:
        url = refused if fault == "refused" else httpserver.url_for("/secret")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url)
        ended(settings, 5, said)
    [line] = said[-1:]
    assert "metrics were not taken" in line and url not in line


def test_the_docs_and_the_dashboard_have_them_all():
    told = dict(re.findall(r"^\| `(anq\.[\w.]+)` \| (\S+) \|", (ROOT / "docs/operators.md").read_text("utf-8"), re.M))
    assert told == {name: unit.strip("{}") for name, (unit, _) in metrics.METRICS.items()}
    dashboard = (ROOT / "docs/grafana.json").read_text("utf-8")
    drawn = {target["expr"] for panel in json.loads(dashboard)["panels"] for target in panel["targets"]}
    names = {name for expression in drawn for name in re.findall(r"anq_\w+", expression)}
    assert names == {prometheus(name, unit) for name, (unit, _) in metrics.METRICS.items()}


def prometheus(name: str, unit: str) -> str:
    """The name that Prometheus gives to a gauge."""
    return name.replace(".", "_") + {"s": "_seconds", "By": "_bytes"}.get(unit, "")
