/*
question: How many questions come in and go out each quarter?
question_fr: Combien de questions entrent et sortent chaque trimestre ?
name_fr: flux_trimestriels
columns:
  quarter: {fr: trimestre, type: DATE, description: "First day of the quarter; one in which nothing came or went has no row.", description_fr: "Premier jour du trimestre ; un trimestre sans entrée ni sortie n'a pas de ligne."}
  legislature:
  question_type:
  asked: {fr: posees, type: BIGINT, description: "Questions published in the quarter; QG, published with their answer, in that quarter.", description_fr: "Questions publiées dans le trimestre ; les QG, publiées avec leur réponse, dans ce trimestre-là."}
  answered: {fr: repondues, type: BIGINT, description: "Questions, whenever asked, whose first answer was published in the quarter.", description_fr: "Questions, de toute date, dont la première réponse est parue dans le trimestre."}
  withdrawn: {fr: retirees, type: BIGINT, description: Questions withdrawn in the quarter., description_fr: Questions retirées dans le trimestre.}
  lapsed: {fr: caduques, type: BIGINT, description: "Questions that lapsed in the quarter: with the mandate, or with the legislature.", description_fr: "Questions devenues caduques dans le trimestre : fin de mandat ou de législature."}
  closed: {fr: closes, type: BIGINT, description: Questions closed otherwise in the quarter., description_fr: Autres clôtures dans le trimestre.}
example: |
  SELECT quarter, asked, answered, withdrawn, lapsed
  FROM quarterly_flows
  WHERE legislature = 17 AND question_type = 'QE' AND quarter >= DATE '2025-07-01'
  ORDER BY quarter
*/
SELECT main.quarter_of(month) AS quarter, legislature, question_type,
       CAST(sum(asked) AS BIGINT) AS asked, CAST(sum(answered) AS BIGINT) AS answered,
       CAST(sum(withdrawn) AS BIGINT) AS withdrawn, CAST(sum(lapsed) AS BIGINT) AS lapsed, CAST(sum(closed) AS BIGINT) AS closed
FROM main.monthly_flows
GROUP BY ALL
