"""Great Expectations, with what we change in it; importing this module imports it.

Written for the version below. Another may differ: tests/check/test_great_expectations.py fails until
each change named there was looked at again.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec
from types import ModuleType
from typing import Any

VERSION = "1.24.1"

# for charts, for the quantile and JSON rules, for rendered pages: nothing that we ask for
_LATER = ("altair", "jsonschema", "mistune", "scipy", "scipy.stats")
# for buckets, where something else has them installed: a tenth of the import
_BUCKETS = {"boto3", "botocore"} - sys.modules.keys()
_SOURCES = "great_expectations.datasource.fluent"
_OUR_SOURCES = ("sql_datasource", "invalid_datasource")
_RULES = "great_expectations.expectations.core"


class _Later(MetaPathFinder):
    """Loads these packages at their first use: nearly half of the import's time."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own spec, with a loader that waits for the first look inside."""
        if fullname not in _LATER:
            return None
        others = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in others if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


class _Without(MetaPathFinder, Loader):
    """Has an empty module stand for a source that is not SQL, and for a rule until one is asked for.

    Each is a model with pages of how to show it: a quarter of the import's time.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The empty module's, of what is left out."""
        folder, _, name = fullname.rpartition(".")
        is_source = folder == _SOURCES and (name.endswith("_datasource") or name == "fabric")
        is_left_out = (is_source and name not in _OUR_SOURCES) or (folder == _RULES and name.startswith("expect_"))
        return ModuleSpec(fullname, self) if is_left_out else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it stays empty."""


class _Empty(ModuleType):
    """Gives an empty class for each name that is imported from it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


os.environ["GX_ANALYTICS_ENABLED"] = "false"
logging.getLogger("great_expectations").setLevel(logging.ERROR)
sys.meta_path[:0] = [_Without(), _Later()]
sys.modules.update(dict.fromkeys(_BUCKETS))  # type: ignore[arg-type]
gc.disable()  # all that is imported stays: to look for garbage in it takes a fifth of the time

import duckdb_sqlalchemy  # noqa: E402, F401  # here, and not within the first check
import great_expectations as gx  # noqa: E402
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402
from great_expectations.datasource.fluent import sql_datasource  # noqa: E402
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation  # noqa: E402
from great_expectations.expectations.expectation import Expectation  # noqa: E402
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration  # noqa: E402
from great_expectations.validator import validation_graph  # noqa: E402

sys.meta_path.pop(0)
for _name in [*_BUCKETS, *(_name for _name in sys.modules if _name.startswith(f"{_RULES}.expect_"))]:
    del sys.modules[_name]
gc.freeze()
gc.enable()

# each retry of a rule that raises would ask all the others again
validation_graph.MAX_METRIC_COMPUTATION_RETRIES = 1

# Great Expectations makes a rule's configuration anew seventy times while it runs it
_make_configuration = vars(Expectation)["configuration"].fget
_made: dict[int, tuple[Any, Any]] = {}


def _configuration(rule: Any) -> Any:  # noqa: ANN401
    if id(rule) not in _made:
        _made[id(rule)] = rule, _make_configuration(rule)
    return _made[id(rule)][1]


Expectation.configuration = property(_configuration)  # type: ignore[assignment,method-assign]

# and a rule from its configuration eight times
_make_rule = ExpectationConfiguration.to_domain_obj
_ruled: dict[int, tuple[Any, Any]] = {}


def _rule(configuration: Any) -> Any:  # noqa: ANN401
    if id(configuration) not in _ruled:
        _ruled[id(configuration)] = configuration, _make_rule(configuration)
    return _ruled[id(configuration)][1]


ExpectationConfiguration.to_domain_obj = _rule  # type: ignore[assignment,method-assign]


def import_rule(kind: str) -> None:
    """Imports a rule's model, which Great Expectations then knows by its type.

    Args:
        kind: the type, which is also the name of its module; of one that there is not, nothing is imported.
    """
    if find_spec(f"{_RULES}.{kind}"):
        import_module(f"{_RULES}.{kind}")


def forget_rules() -> None:
    """Lets go of the rules of a suite that has run."""
    _made.clear()
    _ruled.clear()


# it warns of a source for this kind of database, among those that are left out; of DuckDB there is none
sql_datasource._warn_for_more_specific_datasource_type = lambda _: None  # type: ignore[assignment]

# an ephemeral context has nowhere to be saved to, and writes itself as YAML at each change
EphemeralDataContext._save_project_config = lambda self: None  # type: ignore[method-assign]


class NoRowIsFound(UnexpectedRowsExpectation):
    """`unexpected_rows_expectation`, asking once: the original counts the rows, then asks for them, as metrics."""

    metric_dependencies = ()

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,  # noqa: ANN401
    ) -> dict[str, Any]:
        data = execution_engine.batch_manager.active_batch_data
        table = ".".join(name for name in (data.source_schema_name, data.source_table_name) if name)
        with execution_engine.get_connection() as connection:
            row = connection.exec_driver_sql(str(self.unexpected_rows_query).format(batch=table)).first()
        return {"success": row is None}


__all__ = ["VERSION", "NoRowIsFound", "ProgressBarsConfig", "forget_rules", "gx", "import_rule"]
