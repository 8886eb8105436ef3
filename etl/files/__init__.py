"""Files: locks between processes, and writes that are whole or not there."""
