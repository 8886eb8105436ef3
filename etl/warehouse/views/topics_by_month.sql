/*
question: What do questions speak of, month by month?
question_fr: De quoi parlent les questions, mois par mois ?
name_fr: themes_par_mois
columns:
  month:
  legislature:
  question_type:
  rubrique:
  topic: {fr: theme, type: VARCHAR, description: "The best heading there is: tête d'analyse, shared by many questions up to the 14th; else the first analysis, of which most questions have one of their own.", description_fr: "Le meilleur intitulé : tête d'analyse, commune à beaucoup de questions jusqu'à la 14e ; sinon première analyse, souvent propre à la question."}
  questions: {fr: nombre_questions, type: BIGINT, description: Questions published in the month under that heading., description_fr: Questions publiées dans le mois sous cet intitulé.}
example: |
  SELECT topic, sum(questions) AS questions, min(month) AS first, max(month) AS last
  FROM topics_by_month
  WHERE legislature = 14 AND rubrique = 'agriculture'
  GROUP BY ALL ORDER BY questions DESC, topic LIMIT 5
*/
SELECT CAST(date_trunc('month', asked_on) AS DATE) AS month, legislature, question_type, rubrique, title AS topic,
       count(*) AS questions
FROM main.question_lives
WHERE asked_on IS NOT NULL
GROUP BY ALL
