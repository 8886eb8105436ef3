"""Tables, declared once in schemas/: the model, and what is made from it."""

from etl.schema.model import KEY, LICENCE, ROOT, Column, Table, children, tables

__all__ = ["KEY", "LICENCE", "ROOT", "Column", "Table", "children", "tables"]
