/*
question: By which day is a question to be answered?
question_fr: À quelle date la réponse à une question est-elle due ?
name_fr: echeance_reponse
parameters:
  question_type: {fr: type, type: VARCHAR, description: "Type; only a QE has a due day.", description_fr: "Type ; seule une QE a une échéance."}
  question_date: {fr: date_question, type: DATE, description: Day on which it was published., description_fr: Date de publication de la question.}
returns: DATE
example: |
  SELECT answer_due('QE', DATE '2024-12-31') AS due
*/
-- two calendar months (art. 135 al. 6), since the resolution of 2014-11-28; the rule before, a month that a minister
-- could double, gives no day
CASE WHEN question_type = 'QE' AND CAST(question_date AS DATE) >= DATE '2014-11-28'
     THEN CAST(CAST(question_date AS DATE) + INTERVAL 2 MONTH AS DATE) END
