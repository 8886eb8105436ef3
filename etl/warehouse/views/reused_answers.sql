/*
question: Which answers had already been given, to the letter, on an earlier day?
question_fr: Quelles réponses avaient déjà été données, à la lettre, un jour antérieur ?
name_fr: reponses_reprises
columns:
  legislature:
  question_type:
  question_number:
  uid:
  ministry: {fr: ministere_attributaire, type: VARCHAR, description: "Ministry in charge now, short form.", description_fr: "Ministère attributaire actuel, forme abrégée."}
  answered_on: {fr: date_reponse, type: DATE, description: Day of the answer., description_fr: Date de la réponse.}
  original_uid: {fr: uid_original, type: VARCHAR, description: "The first question that had this answer: of the earliest day, the lowest key.", description_fr: "La première question qui a reçu cette réponse : de la date la plus ancienne, la plus petite clé."}
  original_answered_on: {fr: date_reponse_originale, type: DATE, description: Day of that one's answer., description_fr: Date de la réponse à celle-ci.}
  days_after: {fr: jours_apres, type: BIGINT, description: Days from that one to this., description_fr: Jours de celle-ci à l'autre.}
  text_bytes: {fr: octets_texte, type: INTEGER, description: "Bytes of the text: a short one is a formula rather than an answer.", description_fr: "Octets du texte : un texte court est une formule plutôt qu'une réponse."}
  uses: {fr: emplois, type: BIGINT, description: "Questions that have this text as answer, on whatever day.", description_fr: "Questions qui ont ce texte pour réponse, quelle que soit la date."}
example: |
  SELECT original_uid, any_value(uses) AS uses, min(days_after) AS min_days, max(days_after) AS max_days
  FROM reused_answers
  GROUP BY ALL ORDER BY uses DESC, original_uid LIMIT 5
*/
WITH again AS (
    SELECT text_hash, text_bytes, min(answer_date) AS original_answered_on, count(*) AS uses,
           arg_min(format('QANR5L{}{}{}', legislature, question_type, question_number),
                   (answer_date, legislature, question_type, question_number)) AS original_uid
    FROM main.answer_hashes GROUP BY text_hash, text_bytes HAVING min(answer_date) < max(answer_date)
)
SELECT legislature, question_type, question_number, questions.uid, questions.ministry, hashes.answer_date AS answered_on,
       original_uid, original_answered_on,
       hashes.answer_date - original_answered_on AS days_after, text_bytes, uses
FROM main.answer_hashes AS hashes JOIN again USING (text_hash, text_bytes)
JOIN main.questions USING (legislature, question_type, question_number)
WHERE hashes.answer_date > original_answered_on
