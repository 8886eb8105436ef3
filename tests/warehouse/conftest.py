"""An empty home."""

from pathlib import Path

import pytest

from etl.settings import Settings
from tests.warehouse.days import Home


@pytest.fixture
def home(tmp_path: Path, pool) -> Home:
    return Home(Settings(tmp_path / "home", ""), pool)
