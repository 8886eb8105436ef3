/*
question: How many questions come in to and go out of each family of ministries, month by month?
question_fr: Combien de questions entrent et sortent chaque mois dans chaque famille de ministères ?
name_fr: flux_par_famille
columns:
  month: {fr: mois, type: DATE, description: "First day of the month; one in which nothing came or went has no row, so that an average of rows leaves it out.", description_fr: "Premier jour du mois ; un mois sans entrée ni sortie n'a pas de ligne, si bien qu'une moyenne des lignes l'ignore."}
  legislature:
  question_type:
  family:
  asked: {fr: posees, type: BIGINT, description: "Questions published in the month and put to a ministry of the family; one that is moved later stays here.", description_fr: "Questions publiées dans le mois et adressées à un ministère de la famille ; une question transmise ensuite reste ici."}
  answered: {fr: repondues, type: BIGINT, description: "Questions, whenever asked, whose first answer was published in the month, by the ministry that had them in the end.", description_fr: "Questions, de toute date, dont la première réponse est parue dans le mois, selon le ministère qui les avait à la fin."}
  withdrawn: {fr: retirees, type: BIGINT, description: "Questions withdrawn in the month, by that ministry too.", description_fr: "Questions retirées dans le mois, selon ce ministère aussi."}
  lapsed: {fr: caduques, type: BIGINT, description: "Questions that lapsed in the month: with the mandate, or with the legislature.", description_fr: "Questions devenues caduques dans le mois : fin de mandat ou de législature."}
  closed: {fr: closes, type: BIGINT, description: Questions closed otherwise in the month., description_fr: Autres clôtures dans le mois.}
example: |
  SELECT year(month) AS year, sum(asked) AS asked, sum(answered) AS answered, sum(lapsed) AS lapsed
  FROM family_flows
  WHERE family = 'Santé' AND question_type = 'QE'
  GROUP BY ALL ORDER BY year
*/
WITH events AS (
    SELECT asked_on AS day, legislature, question_type, coalesce(ministry_asked, ministry) AS ministry, 'asked' AS event
    FROM main.question_lives
    UNION ALL
    SELECT ended_on, legislature, question_type, ministry, status FROM main.question_lives
),
counted AS (
    SELECT CAST(date_trunc('month', day) AS DATE) AS month, legislature, question_type, ministry, event, count(*) AS questions
    FROM events WHERE day IS NOT NULL
    GROUP BY ALL
)
SELECT month, legislature, question_type, family,
       CAST(coalesce(sum(questions) FILTER (event = 'asked'), 0) AS BIGINT) AS asked,
       CAST(coalesce(sum(questions) FILTER (event = 'answered'), 0) AS BIGINT) AS answered,
       CAST(coalesce(sum(questions) FILTER (event = 'withdrawn'), 0) AS BIGINT) AS withdrawn,
       CAST(coalesce(sum(questions) FILTER (event = 'lapsed'), 0) AS BIGINT) AS lapsed,
       CAST(coalesce(sum(questions) FILTER (event = 'closed'), 0) AS BIGINT) AS closed
FROM counted JOIN main.ministry_families USING (ministry)
GROUP BY ALL
