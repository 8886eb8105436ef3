/*
question: What was a question's status on a day?
question_fr: Quel était le statut d'une question à une date donnée ?
name_fr: statut_au
parameters:
  status: {fr: statut, type: VARCHAR, description: "Its status as the source has it now.", description_fr: "Son statut actuel dans la source."}
  ended_on: {fr: date_fin, type: DATE, description: "Day of its answer, or on which it left without one.", description_fr: "Date de sa réponse, ou de sa sortie sans réponse."}
  as_of:
returns: VARCHAR
example: |
  SELECT status_at('answered', DATE '2025-03-04', DATE '2025-03-03') AS day_before,
         status_at('answered', DATE '2025-03-04', DATE '2025-03-04') AS that_day
*/
-- what has ended on a day that nobody tells is not taken for pending
CASE WHEN ended_on > CAST(as_of AS DATE) THEN 'pending' ELSE status END
