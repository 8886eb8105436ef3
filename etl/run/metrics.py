"""What a run is measured by, sent at its end by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT says."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from etl.lake import ledger
from etl.run.context import Run
from etl.run.policy import Failure
from etl.warehouse import release as releases

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PATIENCE_S = 10.0
#: Name: unit, as UCUM has it, and what it is. docs/operators.md has the same table.
METRICS = {
    "anq.run.duration": ("s", "how long the run took"),
    "anq.run.failures": ("{failure}", "what failed in the run"),
    "anq.step.duration": ("s", "by archive and step: how long it took"),
    "anq.step.failed": ("{failure}", "by archive and step: whether it failed"),
    "anq.fetch.size": ("By", "by archive: what was fetched"),
    "anq.records.read": ("{record}", "by archive: records in it"),
    "anq.records.changed": ("{record}", "by archive: records that are new or changed"),
    "anq.records.quarantined": ("{record}", "by archive: records set aside"),
    "anq.records.anomalies": ("{anomaly}", "by archive: oddities in its records"),
    "anq.archives.held_back": ("{archive}", "archives that a failed check keeps out"),
    "anq.release.size": ("By", "the current release's file"),
    "anq.release.rows": ("{row}", "by table: rows of the current release"),
    "anq.data.age": ("s", "since the newest archive came whose content the current release has"),
}


class Measured(NamedTuple):
    """A value of a metric.

    Attributes:
        name: of the metric, a key of METRICS.
        value: in its unit.
        of: what it is of, by attribute: archive, step, table.
    """

    name: str
    value: float
    of: dict[str, str]


def send(run: Run, summary: Mapping[str, Any], failures: Sequence[Failure]) -> None:
    """Sends what a run is measured by, if there is an address for it. A fault of this is said, and is no error.

    Args:
        run: the run.
        summary: of it, by `etl.run.summary.summarise`.
        failures: what failed, the release and its sharing included.
    """
    if not any(map(os.environ.get, _ENDPOINTS)):
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
    from opentelemetry.sdk.resources import Resource

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what it logs of a fault has addresses in it
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], Resource.create({"service.name": "anq", "anq.home": str(run.settings.home)}))
    meter = provider.get_meter("anq")
    gauges = {name: meter.create_gauge(name, unit, what) for name, (unit, what) in METRICS.items()}
    for measured in measure(run, summary, failures):
        gauges[measured.name].set(measured.value, measured.of)
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None  # a run has measures
    if OTLPMetricExporter(timeout=_PATIENCE_S).export(data) is not MetricExportResult.SUCCESS:
        run.say(f"the run's metrics were not taken where {' or '.join(_ENDPOINTS)} says; the next run sends its own")


def measure(run: Run, summary: Mapping[str, Any], failures: Sequence[Failure]) -> Iterator[Measured]:
    """What a run is measured by."""
    yield Measured("anq.run.duration", run.seconds, {})
    yield Measured("anq.run.failures", len(failures), {})
    for row in summary["archives"]:
        step = {"archive": row["archive"], "step": row["step"]}
        yield Measured("anq.step.failed", int(row["state"] == "failed"), step)
        if row["seconds"] is not None:
            yield Measured("anq.step.duration", row["seconds"], step)
        if row["step"] == "parse" and row["state"] == "done":
            of = {"archive": row["archive"]}
            yield Measured("anq.records.read", row["records"], of)
            for name in ("changed", "quarantined", "anomalies"):
                yield Measured(f"anq.records.{name}", row[name], of)
    for row in ledger.read(run.settings.lake, [ledger.file_name(run.id)]).get("ops.sources", []):
        legislature = f"{row['legislature']}/" if row["legislature"] else ""
        yield Measured("anq.fetch.size", row["bytes"], {"archive": legislature + row["question_type"]})
    yield Measured("anq.archives.held_back", len(summary["held_back"]), {})
    yield from _of_the_release(run)


def _of_the_release(run: Run) -> Iterator[Measured]:
    release = releases.current(run.settings.warehouse)
    if release is None:
        return
    yield Measured("anq.release.size", releases.path_of(run.settings.warehouse, release.name).stat().st_size, {})
    for table, rows in release.rows.items():
        yield Measured("anq.release.rows", rows, {"table": table})
    age = run.now - releases.fetched_at(run.settings.lake, release)
    yield Measured("anq.data.age", age.total_seconds(), {})
