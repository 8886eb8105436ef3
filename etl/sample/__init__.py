"""A small open-data site made by code: the Assembly's tree, forms and defects, and no real question.

The deputies are made up, their identifiers (PA9…, PM9…) lie outside the Assembly's, every sentence is ours.
Legislatures, governments, ministries, groups, index headings and volumes are facts.
"""

from etl.sample.facts import TODAY
from etl.sample.site import write_sample

__all__ = ["TODAY", "write_sample"]
