/*
question: Which answers are nearly, or to the letter, that of an earlier day?
question_fr: Quelles réponses sont presque, ou à la lettre, celle d'un jour antérieur ?
name_fr: reponses_reprises
columns:
  legislature:
  question_type:
  question_number:
  uid:
  ministry: {fr: ministere_attributaire, type: VARCHAR, description: "Ministry in charge now, short form.", description_fr: "Ministère attributaire actuel, forme abrégée."}
  answered_on: {fr: date_reponse, type: DATE, description: Day of the answer., description_fr: Date de la réponse.}
  original_uid: {fr: uid_original, type: VARCHAR, description: "The question with the earliest answer that this one is like.", description_fr: "La question dont la réponse est la plus ancienne à laquelle celle-ci ressemble."}
  original_answered_on: {fr: date_reponse_originale, type: DATE, description: Day of that one's answer., description_fr: Date de la réponse à celle-ci.}
  days_after: {fr: jours_apres, type: BIGINT, description: Days from that one to this., description_fr: Jours de celle-ci à l'autre.}
  similarity: {fr: ressemblance, type: DOUBLE, description: "Letters of the passages that both have, word for word, over those that either has: 0.6 to 1; 1 for texts that are the same to the letter.", description_fr: "Lettres des passages que les deux ont, mot pour mot, sur celles des passages de l'une ou de l'autre : de 0,6 à 1 ; 1 pour des textes identiques à la lettre."}
  text_bytes: {fr: octets_texte, type: INTEGER, description: "Bytes of the text: a short one is a formula rather than an answer.", description_fr: "Octets du texte : un texte court est une formule plutôt qu'une réponse."}
  uses: {fr: emplois, type: BIGINT, description: "Later answers that have the same original, this one among them.", description_fr: "Réponses ultérieures ayant la même originale, celle-ci comprise."}
example: |
  SELECT original_uid, any_value(uses) AS uses, round(avg(similarity), 2) AS similarity, max(days_after) AS max_days
  FROM reused_answers
  GROUP BY ALL ORDER BY uses DESC, original_uid LIMIT 5
*/
WITH firsts AS (
    SELECT text_hash, text_bytes, min(answer_date) AS first_day,
           arg_min({legislature: legislature, question_type: question_type, question_number: question_number},
                          (answer_date, legislature, question_type, question_number)) AS original
    FROM main.answer_hashes GROUP BY text_hash, text_bytes HAVING min(answer_date) < max(answer_date)
),
alike AS (
    SELECT legislature, question_type, question_number, original_legislature, original_type, original_number, similarity
    FROM main.answer_resemblances
    UNION ALL
    -- texts without a long passage, which are compared as wholes
    SELECT legislature, question_type, question_number, original.legislature, original.question_type, original.question_number, 1.0
    FROM main.answer_hashes JOIN firsts USING (text_hash, text_bytes)
    ANTI JOIN main.answer_resemblances USING (legislature, question_type, question_number)
    WHERE answer_date > first_day
)
SELECT one.legislature, one.question_type, one.question_number, questions.uid, questions.ministry,
       questions.answer_date AS answered_on, original.uid AS original_uid, original.answer_date AS original_answered_on,
       questions.answer_date - original.answer_date AS days_after, similarity, text_bytes,
       count(*) OVER (PARTITION BY original_legislature, original_type, original_number) AS uses
FROM alike AS one
JOIN main.questions AS questions USING (legislature, question_type, question_number)
JOIN main.answer_hashes USING (legislature, question_type, question_number)
JOIN main.questions AS original ON original.legislature = original_legislature
     AND original.question_type = original_type AND original.question_number = original_number
