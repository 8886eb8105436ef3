/*
question: Which ministries answer in time, and how long do they take?
question_fr: Quels ministères répondent dans les délais, et en combien de temps ?
name_fr: delais_de_reponse
parameters:
  as_of: {fr: au, type: DATE, description: Day on which the figures stand., description_fr: Date à laquelle les chiffres sont arrêtés.}
columns:
  legislature: {fr: legislature, type: SMALLINT, description: Legislature., description_fr: Législature.}
  question_type: {fr: type_question, type: VARCHAR, description: "QE, QG or QOSD.", description_fr: "QE, QG ou QOSD."}
  ministry: {fr: ministere, type: VARCHAR, description: "Ministry in charge on the day, short form.", description_fr: "Ministère attributaire à cette date, forme abrégée."}
  asked: {fr: posees, type: BIGINT, description: "Questions published by then: answered, left and pending.", description_fr: "Questions publiées à cette date : répondues, sorties et en attente."}
  answered: {fr: repondues, type: BIGINT, description: Those with an answer., description_fr: Celles qui ont une réponse.}
  left_unanswered: {fr: sorties_sans_reponse, type: BIGINT, description: "Those withdrawn, lapsed or closed without an answer; they enter no figure of delay.", description_fr: "Celles retirées, caduques ou closes sans réponse ; elles n'entrent dans aucun chiffre de délai."}
  pending: {fr: en_attente, type: BIGINT, description: Those that wait for an answer., description_fr: Celles qui attendent une réponse.}
  overdue: {fr: en_retard, type: BIGINT, description: "Pending questions whose due day has passed; NULL where no question has a due day.", description_fr: "Questions en attente dont l'échéance est passée ; NULL si aucune question n'a d'échéance."}
  due: {fr: echues, type: BIGINT, description: "Answered and pending questions whose due day has passed: the denominator of the rate; NULL where no question has a due day.", description_fr: "Questions répondues et en attente dont l'échéance est passée : le dénominateur du taux ; NULL si aucune question n'a d'échéance."}
  in_time: {fr: dans_les_delais, type: BIGINT, description: "Those of `due` that had their answer by their due day: the numerator.", description_fr: "Celles de `echues` répondues au plus tard à l'échéance : le numérateur."}
  in_time_rate: {fr: taux_dans_les_delais, type: DOUBLE, description: "in_time / due, from 0 to 1; NULL without any due.", description_fr: "dans_les_delais / echues, de 0 à 1 ; NULL si rien n'est échu."}
  median_days: {fr: delai_median_jours, type: DOUBLE, description: "Median of the days from publication to answer, of the answered ones; NULL for QG.", description_fr: "Médiane des jours entre publication et réponse, pour les répondues ; NULL pour les QG."}
  p90_days: {fr: delai_p90_jours, type: DOUBLE, description: "Days within which nine answers in ten came, interpolated; NULL for QG.", description_fr: "Délai en jours de neuf réponses sur dix, interpolé ; NULL pour les QG."}
example: |
  SELECT ministry, due, in_time, round(in_time_rate, 3) AS in_time_rate, median_days, overdue
  FROM response_delays(DATE '2026-09-01')
  WHERE legislature = 17 AND question_type = 'QE'
  ORDER BY due DESC, ministry LIMIT 5
*/
SELECT legislature, question_type, ministry,
       count(*) AS asked,
       count(*) FILTER (status = 'answered') AS answered,
       count(*) FILTER (status NOT IN ('answered', 'pending')) AS left_unanswered,
       count(*) FILTER (status = 'pending') AS pending,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status = 'pending' AND NOT in_time) END AS overdue,
       CASE WHEN count(due_on) > 0 THEN count(in_time) END AS due,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (in_time) END AS in_time,
       avg(CAST(in_time AS INTEGER)) AS in_time_rate,
       median(days) AS median_days,
       quantile_cont(days, 0.9) AS p90_days
FROM main.questions_at(as_of)
GROUP BY ALL
