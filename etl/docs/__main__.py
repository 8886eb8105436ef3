"""`python -m etl.docs`: writes the pages that are made."""

from etl.docs.pages import main

main()
