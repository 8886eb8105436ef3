/*
question: Were signalled questions answered within ten days?
question_fr: Les questions signalées ont-elles reçu une réponse sous dix jours ?
name_fr: signalees
parameters:
  as_of:
columns:
  legislature:
  question_type:
  question_number:
  uid:
  ministry:
  group_abbr:
  title:
  asked_on:
  signalled_on: {fr: date_signalement, type: DATE, description: Day of its signalement., description_fr: Date du signalement.}
  due_on: {fr: echeance, type: DATE, description: "Last of the ten days; NULL before 2014-11-28.", description_fr: "Dernier des dix jours ; NULL avant le 28 novembre 2014."}
  answered_on:
  days: {fr: delai_jours, type: BIGINT, description: Days from the signalement to the answer., description_fr: Jours entre le signalement et la réponse.}
  left_on:
  status:
  in_time: {fr: dans_les_delais, type: BOOLEAN, description: "Whether it had its answer within the ten days, once they have passed; FALSE while none has come, NULL if it left without one.", description_fr: "A-t-elle eu sa réponse sous dix jours, une fois ceux-ci passés ; FALSE tant qu'il n'y en a pas, NULL si elle est sortie sans réponse."}
example: |
  SELECT legislature, count(*) AS signalled, count(in_time) AS due, count(*) FILTER (in_time) AS in_time, median(days) AS median_days
  FROM signalled(DATE '2026-09-01')
  GROUP BY ALL ORDER BY ALL
*/
SELECT legislature, question_type, question_number, uid, ministry, group_abbr, title, asked_on, signalled_on,
       main.signalled_due(question_type, signalled_on) AS due_on,
       answered_on, answered_on - signalled_on AS days, left_on, status,
       main.in_time_at(status, main.signalled_due(question_type, signalled_on), answered_on, as_of) AS in_time
FROM main.questions_at(as_of)
WHERE signalled_on IS NOT NULL
