/*
question: Which headings rise and fall, month by month?
question_fr: Quelles rubriques montent et descendent, mois par mois ?
name_fr: rubriques_par_mois
columns:
  month:
  legislature:
  question_type:
  rubrique:
  questions: {fr: nombre_questions, type: BIGINT, description: "Questions published in the month under the heading, the numerator.", description_fr: "Questions publiées dans le mois sous la rubrique, le numérateur."}
  month_questions: {fr: questions_du_mois, type: BIGINT, description: "Questions of the legislature and type published in the month, the denominator.", description_fr: "Questions de la législature et du type publiées dans le mois, le dénominateur."}
  share: {fr: part, type: DOUBLE, description: "questions / month_questions, from 0 to 1.", description_fr: "nombre_questions / questions_du_mois, de 0 à 1."}
example: |
  SELECT month, rubrique, questions, month_questions, round(share, 3) AS share
  FROM rubriques_by_month
  WHERE question_type = 'QE' AND month = DATE '2013-07-01'
  ORDER BY questions DESC, rubrique LIMIT 5
*/
WITH counted AS (
    SELECT CAST(date_trunc('month', asked_on) AS DATE) AS month, legislature, question_type, rubrique, count(*) AS questions
    FROM main.question_lives WHERE asked_on IS NOT NULL
    GROUP BY ALL
)
SELECT *, CAST(sum(questions) OVER month AS BIGINT) AS month_questions, questions / sum(questions) OVER month AS share
FROM counted
WINDOW month AS (PARTITION BY month, legislature, question_type)
