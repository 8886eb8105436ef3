/*
question: Which questions are overdue, and since when?
question_fr: Quelles questions sont en retard de réponse, et depuis quand ?
name_fr: en_retard
parameters:
  as_of:
columns:
  legislature:
  question_type: {fr: type, type: VARCHAR, description: "QE: no other type has a due day.", description_fr: "QE : aucun autre type n'a d'échéance."}
  question_number:
  uid:
  ministry:
  author_name:
  title:
  asked_on: {fr: date_question, type: DATE, description: Day on which it was published., description_fr: Date de publication.}
  due_on: {fr: echeance, type: DATE, description: Last day on which an answer would have been in time., description_fr: Dernier jour où une réponse aurait été dans les délais.}
  signalled_on:
  age_days: {fr: age_jours, type: BIGINT, description: Days since its publication., description_fr: Jours depuis la publication.}
  overdue_days: {fr: retard_jours, type: BIGINT, description: "Days since its due day, 1 on the day after.", description_fr: "Jours depuis l'échéance, 1 le lendemain."}
example: |
  SELECT uid, ministry, asked_on, due_on, age_days, overdue_days
  FROM overdue(DATE '2026-09-01')
  ORDER BY overdue_days DESC, uid LIMIT 5
*/
SELECT legislature, question_type, question_number, uid, ministry, author_name, title, asked_on, due_on, signalled_on,
       CAST(as_of AS DATE) - asked_on AS age_days, CAST(as_of AS DATE) - due_on AS overdue_days
FROM main.questions_at(as_of)
WHERE status = 'pending' AND NOT in_time
