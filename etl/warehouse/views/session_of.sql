/*
question: In which session year is a day?
question_fr: Dans quelle année de session tombe une date ?
name_fr: session_de
parameters:
  day: {fr: jour, type: DATE, description: The day., description_fr: La date.}
returns: VARCHAR
example: |
  SELECT session_of(DATE '2024-09-24') AS before, session_of(DATE '2024-10-01') AS after
*/
-- the ordinary session opens on the first working day of October (Constitution, art. 28); issues come on Tuesdays, so
-- that none lies between the 1st and that day
format('{}-{}', year(CAST(day AS DATE) - INTERVAL 9 MONTH), year(CAST(day AS DATE) + INTERVAL 3 MONTH))
