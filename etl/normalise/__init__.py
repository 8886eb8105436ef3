"""A `Record` of the source in, rows of tables out: texts, dates, ministries, people."""
