"""One run: its steps, each one call, as the command and the DAGs make them."""
