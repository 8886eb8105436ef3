"""The check: the rules of expectations/ over what would be published, in a process of its own, and the gate."""

from etl.check.checker import Checker
from etl.check.gate import gate
from etl.check.messages import CheckJob, CheckResult
from etl.check.suites import digest as rules_digest

__all__ = ["CheckJob", "CheckResult", "Checker", "gate", "rules_digest"]
