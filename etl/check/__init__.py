"""The check: Great Expectations over a partition's Parquet files, in a process of its own, and the gate."""

from etl.check.checker import Checker
from etl.check.gate import gate
from etl.check.messages import CheckJob, CheckResult

__all__ = ["CheckJob", "CheckResult", "Checker", "gate"]
