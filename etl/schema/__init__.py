"""Tables, declared once in schemas/: the model, and what is made from it."""

from etl.schema.model import EXPECTATIONS, KEY, LICENCE, ROOT, SCHEMAS, Column, Table, children, released, tables

__all__ = ["EXPECTATIONS", "KEY", "LICENCE", "ROOT", "SCHEMAS", "Column", "Table", "children", "released", "tables"]
