"""The default site and its records as the archives hold them, and the site on the next morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.sample import write_sample
from tests.sample.reading import Site


@pytest.fixture(scope="session")
def site(sample) -> Site:
    return Site(sample)


@pytest.fixture(scope="session")
def morning(tmp_path_factory) -> Path:
    """The site on the next morning."""
    directory = tmp_path_factory.mktemp("morning")
    write_sample(directory, changes=60)
    return directory
