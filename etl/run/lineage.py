"""What Airflow is told of this package, so that OpenLineage names what a task reads and writes: docs/team.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from openlineage.client.event_v2 import Dataset

_ANQ = "anq"  # the scheme of the assets' addresses, and the namespace of the datasets


class _Asset(Protocol):
    """Of Airflow, which this does not know."""

    uri: str


def provider() -> dict[str, Any]:
    """This package as a provider of Airflow: who makes an OpenLineage dataset of an asset `anq://…`."""
    return {
        "package-name": "anq",
        "name": "anq",
        "description": "Parliamentary questions: the datasets of its DAGs, for OpenLineage.",
        "asset-uris": [
            {"schemes": [_ANQ], "handler": None, "to_openlineage_converter": f"{__name__}.{dataset.__name__}"}
        ],
    }


def dataset(asset: _Asset, context: object) -> Dataset:
    """An asset as a dataset of the namespace `anq`, for OpenLineage.

    Args:
        asset: its URI is `anq://` and the dataset's name.
        context: of the task; not needed.
    """
    from openlineage.client.event_v2 import Dataset

    del context
    parts = urlsplit(asset.uri)
    return Dataset(_ANQ, parts.netloc + parts.path)
