/*
question: How many written questions may a deputy ask in a session year?
question_fr: Combien de questions écrites un député peut-il poser dans une année de session ?
name_fr: plafond_questions_ecrites
parameters:
  session:
returns: INTEGER
example: |
  SELECT written_cap('2014-2015') AS before, written_cap('2015-2016') AS since
*/
-- the Conférence des présidents fixes it before each ordinary session, to the beginning of the next (art. 135 al. 3):
-- 52 in each since that of 2015-2016
CASE WHEN session >= '2015-2016' THEN 52 END
