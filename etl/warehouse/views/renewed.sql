/*
question: Which questions did their authors renew, and did that bring an answer?
question_fr: Quelles questions leurs auteurs ont-ils renouvelées, et une réponse a-t-elle suivi ?
name_fr: renouvelees
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
  renewals: {fr: renouvellements, type: BIGINT, description: "Times that it was renewed by then; one without a day is not counted.", description_fr: "Nombre de renouvellements à cette date ; un renouvellement sans date n'est pas compté."}
  first_renewed_on: {fr: premier_renouvellement, type: DATE, description: Day of the first., description_fr: Date du premier.}
  last_renewed_on: {fr: dernier_renouvellement, type: DATE, description: Day of the last., description_fr: Date du dernier.}
  days_before: {fr: jours_avant, type: BIGINT, description: Days from its publication to the first., description_fr: Jours entre la publication et le premier.}
  answered_on:
  days_after: {fr: jours_apres, type: BIGINT, description: Days from the last to the answer., description_fr: Jours entre le dernier et la réponse.}
  left_on:
  status:
example: |
  SELECT legislature, renewals, count(*) AS questions, median(days_before) AS days_before,
         count(answered_on) AS answered, median(days_after) AS days_after
  FROM renewed(DATE '2026-09-01')
  GROUP BY ALL ORDER BY ALL
*/
SELECT legislature, question_type, question_number, uid, ministry, group_abbr, title, asked_on,
       renewals, first_renewed_on, last_renewed_on, first_renewed_on - asked_on AS days_before,
       answered_on, answered_on - last_renewed_on AS days_after, left_on, status
FROM main.questions_at(as_of)
JOIN (SELECT legislature, question_type, question_number, count(*) AS renewals,
             min(renewed_on) AS first_renewed_on, max(renewed_on) AS last_renewed_on
      FROM main.renewals WHERE renewed_on <= CAST(as_of AS DATE) GROUP BY ALL)
USING (legislature, question_type, question_number)
