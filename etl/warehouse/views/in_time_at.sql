/*
question: Has a question had its answer in time, as known on a day?
question_fr: Une question a-t-elle eu sa réponse dans les délais, à une date donnée ?
name_fr: dans_les_delais_au
parameters:
  status: {fr: statut, type: VARCHAR, description: "Its status on the day, as `status_at` tells.", description_fr: "Son statut à cette date, selon `statut_au`."}
  due_on: {fr: echeance, type: DATE, description: "Last day on which an answer is in time.", description_fr: "Dernier jour où une réponse est dans les délais."}
  answered_on: {fr: date_reponse, type: DATE, description: "Day of its answer.", description_fr: "Date de sa réponse."}
  as_of:
returns: BOOLEAN
example: |
  SELECT in_time_at('pending', DATE '2025-05-04', NULL, DATE '2025-05-04') AS due_day,
         in_time_at('pending', DATE '2025-05-04', NULL, DATE '2025-05-05') AS day_after
*/
-- NULL until the due day has passed, and for what left without an answer
CASE WHEN due_on < CAST(as_of AS DATE)
     THEN CASE status WHEN 'answered' THEN answered_on <= due_on WHEN 'pending' THEN FALSE END END
