"""From what the source said to rows of a table: texts, dates, ministries, people."""
