"""The default site, written once, and its records as the archives hold them."""

from __future__ import annotations

import pytest

from etl.sample import write_sample
from tests.sample.reading import Site


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Site:
    directory = tmp_path_factory.mktemp("site")
    write_sample(directory)
    return Site(directory)
