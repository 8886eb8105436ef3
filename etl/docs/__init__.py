"""The pages of docs/ that are made from schemas/, expectations/ and the views."""
