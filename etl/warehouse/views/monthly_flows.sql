/*
question: How many questions come in and go out each month?
question_fr: Combien de questions entrent et sortent chaque mois ?
name_fr: flux_mensuels
columns:
  month: {fr: mois, type: DATE, description: "First day of the month; one in which nothing came or went has no row, so that an average of rows leaves it out.", description_fr: "Premier jour du mois ; un mois sans entrée ni sortie n'a pas de ligne, si bien qu'une moyenne des lignes l'ignore."}
  legislature:
  question_type:
  asked: {fr: posees, type: BIGINT, description: "Questions published in the month; QG, published with their answer, in that month.", description_fr: "Questions publiées dans le mois ; les QG, publiées avec leur réponse, dans ce mois-là."}
  answered: {fr: repondues, type: BIGINT, description: "Questions, whenever asked, whose first answer was published in the month.", description_fr: "Questions, de toute date, dont la première réponse est parue dans le mois."}
  withdrawn: {fr: retirees, type: BIGINT, description: Questions withdrawn in the month., description_fr: Questions retirées dans le mois.}
  lapsed: {fr: caduques, type: BIGINT, description: "Questions that lapsed in the month: with the mandate, or with the legislature.", description_fr: "Questions devenues caduques dans le mois : fin de mandat ou de législature."}
  closed: {fr: closes, type: BIGINT, description: Questions closed otherwise in the month., description_fr: Autres clôtures dans le mois.}
example: |
  SELECT month, asked, answered, withdrawn, lapsed
  FROM monthly_flows
  WHERE legislature = 17 AND question_type = 'QE' AND month >= DATE '2026-04-01'
  ORDER BY month
*/
WITH events AS (
    SELECT asked_on AS day, legislature, question_type, 'asked' AS event FROM main.question_lives
    UNION ALL
    SELECT ended_on, legislature, question_type, status FROM main.question_lives
)
SELECT CAST(date_trunc('month', day) AS DATE) AS month, legislature, question_type,
       count(*) FILTER (event = 'asked') AS asked,
       count(*) FILTER (event = 'answered') AS answered,
       count(*) FILTER (event = 'withdrawn') AS withdrawn,
       count(*) FILTER (event = 'lapsed') AS lapsed,
       count(*) FILTER (event = 'closed') AS closed
FROM events WHERE day IS NOT NULL
GROUP BY ALL
