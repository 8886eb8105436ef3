/*
question: By which day is a signalled question to be answered?
question_fr: À quelle date la réponse à une question signalée est-elle due ?
name_fr: echeance_signalement
parameters:
  question_type: {fr: type, type: VARCHAR, description: "Type; only a QE is signalled.", description_fr: "Type ; seule une QE est signalée."}
  signalled_on: {fr: date_signalement, type: DATE, description: Day of the signalement., description_fr: Date du signalement.}
returns: DATE
example: |
  SELECT signalled_due('QE', DATE '2025-01-28') AS due
*/
-- ten days (art. 135 al. 7), since the resolution of 2014-11-28
CASE WHEN question_type = 'QE' AND CAST(signalled_on AS DATE) >= DATE '2014-11-28' THEN CAST(signalled_on AS DATE) + 10 END
