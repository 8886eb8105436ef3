"""What we change in Great Expectations was written for one version of it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

CODE = """
import sys
from etl.check.great_expectations_1_24 import VERSION
print(VERSION, *sys.modules)
"""
PANDAS = "great_expectations.datasource.fluent.dynamic_pandas"
LOOK_AGAIN = """
    MAX_METRIC_COMPUTATION_RETRIES: is a rule that raises still asked three times, and all the others with it?
    Expectation.configuration: is it still made anew at each look, and does it stay the same meanwhile?
    ExpectationConfiguration.to_domain_obj: is a rule still made anew at each look, and after all that changes its kwargs?
    EphemeralDataContext: does it still write itself as YAML for nobody, at each change?
    UnexpectedRowsExpectation: does it still ask twice, by metrics, and is `_validate` still given the engine, which knows the table?
    _LATER: are these packages still imported for what no rule of ours uses, and is another one?
    _Without: are sources and rules still modules of their own, and is a rule's named as its type?
    _warn_for_more_specific_datasource_type: does it still only warn?
then set VERSION, and give the module the version's name"""


def test_the_changes_are_of_the_version_that_is_installed():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    written_for, *loaded = done.stdout.split()
    there = version("great_expectations")
    assert written_for == there, (
        f"Great Expectations {there}; look again at etl/check/great_expectations_1_24.py:{LOOK_AGAIN}"
    )
    unused = {"altair.vegalite", "jsonschema.validators", "mistune.markdown", "scipy.stats._stats_py", PANDAS}
    assert not unused & set(loaded), "imported, and nothing uses it"
    assert not [name for name in loaded if name.startswith("great_expectations.expectations.core.expect_")]
