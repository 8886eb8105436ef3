/*
question: Which questions are nearly the same as an earlier one?
question_fr: Quelles questions sont presque les mêmes qu'une question antérieure ?
name_fr: quasi_doublons
columns:
  legislature:
  question_type:
  question_number:
  uid:
  asked_on: {fr: date_question, type: DATE, description: Day on which it was published., description_fr: Date de publication.}
  author_name:
  group_abbr:
  original_uid: {fr: uid_original, type: VARCHAR, description: The earliest question whose text is nearly the same., description_fr: La plus ancienne question dont le texte est presque le même.}
  original_asked_on: {fr: date_original, type: DATE, description: Day on which that one was published., description_fr: Date de publication de celle-ci.}
  days_after: {fr: jours_apres, type: BIGINT, description: Days from that one to this., description_fr: Jours de celle-ci à l'autre.}
  same_author: {fr: meme_auteur, type: BOOLEAN, description: "Whether both have one author; NULL where the source does not name them.", description_fr: "Les deux ont-elles le même auteur ? NULL si la source ne les nomme pas."}
  similarity: {fr: ressemblance, type: DOUBLE, description: "Letters of the passages that both have, word for word, over those that either has: 0.6 to 1.", description_fr: "Lettres des passages que les deux ont, mot pour mot, sur celles des passages de l'une ou de l'autre : de 0,6 à 1."}
  copies: {fr: copies, type: BIGINT, description: "Questions that have the same original, this one among them.", description_fr: "Questions ayant le même original, celle-ci comprise."}
example: |
  SELECT original_uid, any_value(copies) AS copies, round(avg(similarity), 2) AS similarity, min(asked_on) AS first, max(asked_on) AS last
  FROM near_duplicates
  GROUP BY ALL ORDER BY copies DESC, original_uid LIMIT 5
*/
SELECT one.legislature, one.question_type, one.question_number, lives.uid, lives.asked_on, lives.author_name, lives.group_abbr,
       original.uid AS original_uid, original.asked_on AS original_asked_on, lives.asked_on - original.asked_on AS days_after,
       coalesce(lives.deputy_id, lives.author_name) = coalesce(original.deputy_id, original.author_name) AS same_author,
       similarity,
       count(*) OVER (PARTITION BY original_legislature, original_type, original_number) AS copies
FROM main.resemblances AS one
JOIN main.question_lives AS lives USING (legislature, question_type, question_number)
JOIN main.question_lives AS original ON original.legislature = original_legislature
     AND original.question_type = original_type AND original.question_number = original_number
