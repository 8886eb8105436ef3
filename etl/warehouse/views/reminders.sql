/*
question: Which questions remind of an earlier one of the same author, and of which?
question_fr: Quelles questions en rappellent une autre du même auteur, et laquelle ?
name_fr: rappels
columns:
  legislature:
  question_type:
  question_number:
  uid: {fr: uid, type: VARCHAR, description: Identifier of the question that reminds., description_fr: Identifiant de la question qui rappelle.}
  asked_on: {fr: date_question, type: DATE, description: Day on which it was published., description_fr: Date de sa publication.}
  words: {fr: mots, type: VARCHAR, description: The words that name the other one., description_fr: Les mots qui citent l'autre.}
  reminded_uid: {fr: uid_rappele, type: VARCHAR, description: "The question that it reminds of: of that type and number, published before, in the same legislature, else in the one before; NULL where the warehouse has none such of that author.", description_fr: "La question rappelée : de ce type et de ce numéro, publiée avant, dans la même législature, sinon dans la précédente ; NULL si l'entrepôt n'en a pas de cet auteur."}
  reminded_asked_on: {fr: date_question_rappelee, type: DATE, description: Day on which that one was published., description_fr: Date de publication de celle-ci.}
  days_between: {fr: jours_entre, type: BIGINT, description: Days from the one to the other., description_fr: Jours de l'une à l'autre.}
  was_answered: {fr: deja_repondue, type: BOOLEAN, description: Whether that one had its answer when it was reminded of., description_fr: "Celle-ci avait-elle sa réponse au moment du rappel ?"}
  reminded_answered_on: {fr: date_reponse_rappelee, type: DATE, description: "Day of that one's answer, whenever it came.", description_fr: "Date de la réponse à celle-ci, quelle qu'elle soit."}
example: |
  SELECT count(*) AS reminders, count(reminded_uid) AS found, median(days_between) AS days_between,
         count(*) FILTER (was_answered) AS were_answered
  FROM reminders
*/
SELECT mentions.legislature, mentions.question_type, mentions.question_number, lives.uid, lives.asked_on, words,
       reminded.uid AS reminded_uid, reminded.asked_on AS reminded_asked_on,
       lives.asked_on - reminded.asked_on AS days_between,
       CASE WHEN reminded.uid IS NOT NULL THEN coalesce(reminded.answered_on <= lives.asked_on, FALSE) END AS was_answered,
       reminded.answered_on AS reminded_answered_on
FROM main.mentions JOIN main.question_lives AS lives USING (legislature, question_type, question_number)
LEFT JOIN main.question_lives AS reminded
       ON reminded.legislature BETWEEN lives.legislature - 1 AND lives.legislature
      AND reminded.question_type = mentioned_type AND reminded.question_number = mentioned_number
      AND reminded.asked_on < lives.asked_on
      AND coalesce(reminded.deputy_id, reminded.author_name) = coalesce(lives.deputy_id, lives.author_name)
WHERE reminds
QUALIFY row_number() OVER (PARTITION BY mentions.legislature, mentions.question_type, mentions.question_number, rank ORDER BY reminded.legislature DESC) = 1
