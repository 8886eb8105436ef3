"""The questions warehouse: all the work, importable, runnable and testable without Airflow."""
