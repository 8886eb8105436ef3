/*
question: How many questions waited at the end of each month?
question_fr: Combien de questions attendaient à la fin de chaque mois ?
name_fr: stock_mensuel
parameters:
  as_of:
columns:
  month:
  day: {fr: jour, type: DATE, description: "Day counted at its end: the month's last, or `as_of` in its month.", description_fr: "Jour au soir duquel on compte : le dernier du mois, ou `au` dans le sien."}
  legislature:
  question_type: {fr: type, type: VARCHAR, description: "QE or QOSD: a QG never waits.", description_fr: "QE ou QOSD : une QG n'attend jamais."}
  pending: {fr: en_attente, type: BIGINT, description: Questions that wait for an answer on that day., description_fr: Questions qui attendent une réponse ce jour-là.}
  overdue: {fr: en_retard, type: BIGINT, description: "Those whose due day has passed; NULL in months before any question has a due day.", description_fr: "Celles dont l'échéance est passée ; NULL dans les mois où aucune question n'a encore d'échéance."}
example: |
  SELECT day, pending, overdue
  FROM monthly_backlog(DATE '2026-08-15')
  WHERE legislature = 17 AND question_type = 'QE' AND month >= DATE '2026-04-01'
  ORDER BY day
*/
WITH waited AS (  -- a question waits at each end of a month from the one of `asked_on` to before the one of `ended_on`
    SELECT legislature, question_type, asked_on, due_on, CASE WHEN ended_on <= CAST(as_of AS DATE) THEN ended_on END AS ended_on
    FROM main.question_lives
    WHERE question_type <> 'QG' AND asked_on <= CAST(as_of AS DATE) AND (status = 'pending' OR ended_on IS NOT NULL)
),
steps AS (
    SELECT legislature, question_type, asked_on AS day, 1 AS pending, 0 AS overdue, 0 AS ruled FROM waited
    UNION ALL
    SELECT legislature, question_type, greatest(ended_on, asked_on), -1, 0, 0 FROM waited WHERE ended_on IS NOT NULL
    UNION ALL
    SELECT legislature, question_type, asked_on, 0, 0, 1 FROM waited WHERE due_on IS NOT NULL
    UNION ALL
    SELECT legislature, question_type, due_on + 1, 0, 1, 0
    FROM waited WHERE due_on < CAST(as_of AS DATE) AND (ended_on IS NULL OR ended_on > due_on)
    UNION ALL
    SELECT legislature, question_type, ended_on, 0, -1, 0
    FROM waited WHERE due_on < CAST(as_of AS DATE) AND ended_on > due_on
),
moved AS (
    SELECT legislature, question_type, CAST(date_trunc('month', day) AS DATE) AS month,
           sum(pending) AS pending, sum(overdue) AS overdue, sum(ruled) AS ruled
    FROM steps GROUP BY ALL
),
months AS (  -- every one, to that of the day or the legislature's last
    SELECT legislature, question_type,
           CAST(unnest(range(first, greatest(last, least(closed_on, CAST(as_of AS DATE))) + INTERVAL 1 DAY, INTERVAL 1 MONTH)) AS DATE) AS month
    FROM (SELECT legislature, question_type, min(month) AS first, max(month) AS last FROM moved GROUP BY ALL)
    LEFT JOIN main.legislatures ON number = legislature
)
SELECT month, least(last_day(month), CAST(as_of AS DATE)) AS day, legislature, question_type,
       CAST(sum(pending) OVER so_far AS BIGINT) AS pending,
       CASE WHEN sum(ruled) OVER so_far > 0 THEN CAST(coalesce(sum(overdue) OVER so_far, 0) AS BIGINT) END AS overdue
FROM months LEFT JOIN moved USING (legislature, question_type, month)
WINDOW so_far AS (PARTITION BY legislature, question_type ORDER BY month)
