"""The default site, and its records as the archives hold them."""

from __future__ import annotations

import pytest

from tests.sample.reading import Site


@pytest.fixture(scope="session")
def site(sample) -> Site:
    return Site(sample)
