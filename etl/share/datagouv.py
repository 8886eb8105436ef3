"""data.gouv.fr, told of a release: the resource there leads to the database's address, which stays.

The calls are those of its API, version 1: GET and PUT of `/datasets/{dataset}/resources/{resource}/`, with the key in
the header X-API-KEY.
"""

from __future__ import annotations

from etl.errors import AnqError, UsageError
from etl.settings import Settings
from etl.share.about import About

SECONDS = 30.0


def tell(settings: Settings, key: str, about: About, url: str) -> bool:
    """Updates the resource, unless it is up to date.

    Args:
        settings: which resource, and the API's address.
        key: of the API.
        about: the release that is pointed to.
        url: of the place.

    Returns:
        Whether anything was to be done.

    Raises:
        UsageError: the resource, or the address of what is shared, is missing.
        AnqError: the API did not take it.
    """
    import httpx

    dataset, _, resource = settings.datagouv_resource.partition("/")
    if not (dataset and resource):
        raise UsageError("ANQ_DATAGOUV_KEY is set: say in ANQ_DATAGOUV_RESOURCE which resource, as `dataset/resource`")
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"data.gouv.fr leads its readers to an https address, not to {url}: set ANQ_PUBLISH_URL")
    if about.made_up:
        raise UsageError("data.gouv.fr is not told of made-up questions: take ANQ_DATAGOUV_KEY away, or load real ones")
    [database] = [file for file in about.files if file.path == "anq.duckdb"]
    wanted = {
        "url": f"{url}/latest/{database.path}",
        "filetype": "remote",
        "format": "duckdb",
        "filesize": database.bytes,
        "checksum": {"type": "sha256", "value": database.sha256},
    }
    path = f"{settings.datagouv_api.rstrip('/')}/datasets/{dataset}/resources/{resource}/"
    try:
        with httpx.Client(headers={"X-API-KEY": key}, timeout=SECONDS) as client:
            there = client.get(path).raise_for_status().json()
            if all(there.get(name) == value for name, value in wanted.items()):
                return False
            client.put(path, json=wanted).raise_for_status()
    except (httpx.HTTPError, ValueError) as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise AnqError(
            f"{path} did not take release {about.release} ({why}): look at ANQ_DATAGOUV_KEY and ANQ_DATAGOUV_RESOURCE; "
            "`anq share` tries again, and so does the next run"
        ) from error
    return True
