/*
question: On which day does the quarter of a day begin?
question_fr: Quel jour commence le trimestre d'une date ?
name_fr: trimestre_de
parameters:
  day: {fr: jour, type: DATE, description: "The day, or a month's first as in the views by month.", description_fr: "La date, ou le premier jour d'un mois comme dans les vues par mois."}
returns: DATE
example: |
  SELECT quarter_of(DATE '2025-06-30') AS before, quarter_of(DATE '2025-07-01') AS after
*/
CAST(date_trunc('quarter', CAST(day AS DATE)) AS DATE)
