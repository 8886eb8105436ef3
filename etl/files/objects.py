"""Object storage at an address, opened by obstore: S3, Google's, Azure's, or a folder."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

#: A store that does not answer, or answers 5xx, is asked again for so long.
PATIENCE: RetryConfig = {
    "max_retries": 1_000,  # the time rules: waits are drawn, and many are short
    "retry_timeout": timedelta(minutes=3),
    "backoff": {"init_backoff": timedelta(seconds=0.5), "max_backoff": timedelta(seconds=10), "base": 2},
}
_CLIENT: ClientConfig = {
    "connect_timeout": timedelta(seconds=10),
    "timeout": timedelta(minutes=10),
    "allow_http": True,  # when the endpoint's address says so
}
_SCHEMES = ("s3", "gs", "az", "file")
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def objects(url: str) -> ObjectStore:
    """The objects under an address; nothing is asked of it yet.

    Args:
        url: `s3://bucket/prefix`, `gs://…`, `az://account/container/prefix`, or `file:///folder`, which must be there.
            Keys and an endpoint are taken from the environment (AWS_…, GOOGLE_…, AZURE_…).

    Raises:
        ValueError: it is no such address, or the environment's endpoint is none.
    """
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    scheme = urlsplit(url).scheme
    if scheme not in _SCHEMES:
        raise ValueError(f"it begins with {scheme!r}")
    if empty := [name for name in _ENDPOINTS if os.environ.get(name) == ""]:  # obstore panics at the first request
        raise ValueError(f"{empty[0]} is set and empty")
    try:
        return from_url(url) if scheme == "file" else from_url(url, retry_config=PATIENCE, client_options=_CLIENT)
    except BaseError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
