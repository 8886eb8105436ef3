/*
question: How many questions waited at the end of each quarter?
question_fr: Combien de questions attendaient à la fin de chaque trimestre ?
name_fr: stock_trimestriel
parameters:
  as_of:
columns:
  quarter: {fr: trimestre, type: DATE, description: First day of the quarter., description_fr: Premier jour du trimestre.}
  day: {fr: jour, type: DATE, description: "Day counted at its end: the quarter's last, or the last that `monthly_backlog` has of it.", description_fr: "Jour au soir duquel on compte : le dernier du trimestre, ou le dernier qu'en a `stock_mensuel`."}
  legislature:
  question_type: {fr: type, type: VARCHAR, description: "QE or QOSD: a QG never waits.", description_fr: "QE ou QOSD : une QG n'attend jamais."}
  pending: {fr: en_attente, type: BIGINT, description: Questions that wait for an answer on that day., description_fr: Questions qui attendent une réponse ce jour-là.}
  overdue: {fr: en_retard, type: BIGINT, description: "Those whose due day has passed; NULL in quarters before any question has a due day.", description_fr: "Celles dont l'échéance est passée ; NULL dans les trimestres où aucune question n'a encore d'échéance."}
example: |
  SELECT day, pending, overdue
  FROM quarterly_backlog(DATE '2026-08-15')
  WHERE legislature = 17 AND question_type = 'QE' AND quarter >= DATE '2025-07-01'
  ORDER BY day
*/
SELECT main.quarter_of(month) AS quarter, day, legislature, question_type, pending, overdue
FROM main.monthly_backlog(as_of)
QUALIFY row_number() OVER (PARTITION BY main.quarter_of(month), legislature, question_type ORDER BY day DESC) = 1
