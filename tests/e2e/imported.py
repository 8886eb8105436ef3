"""Imports what a run imports, and works out what it works out once."""

import tests.e2e.killed
import tests.store.driver  # noqa: F401
from etl.lake.workers import workers
from etl.schema.ddl import ddl
from etl.warehouse.views import statements

with workers():
    ddl()
    statements()
