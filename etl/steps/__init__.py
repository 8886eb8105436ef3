"""The steps of a run, as the command and the DAG call them: plan, prepare each archive, publish, summarise."""

from etl.steps.part import Outcome, Say
from etl.steps.publish import publish, rebuild, run_row
from etl.steps.questions import load_documents, of_home, plan, prepare, prepare_all, retry
from etl.steps.references import prepare_journal, prepare_people
from etl.steps.summary import summarise

__all__ = [
    "Outcome",
    "Say",
    "load_documents",
    "of_home",
    "plan",
    "prepare",
    "prepare_all",
    "prepare_journal",
    "prepare_people",
    "publish",
    "rebuild",
    "retry",
    "run_row",
    "summarise",
]
