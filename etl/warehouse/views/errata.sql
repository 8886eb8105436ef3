/*
question: Which texts were corrected after they were published, and how?
question_fr: Quels textes ont été corrigés après leur publication, et comment ?
name_fr: errata
columns:
  legislature:
  question_type:
  question_number:
  uid:
  text_of: {fr: texte_de, type: VARCHAR, description: "Which text: question or answer.", description_fr: "Quel texte : question, ou answer (la réponse)."}
  rank: {fr: rang, type: INTEGER, description: "Order among the texts of that kind: 1 is the first publication, which has its erratum beside it; above, a later text stands in its place.", description_fr: "Ordre parmi ces textes : 1 est la première publication, à côté de laquelle est son erratum ; au-delà, un texte ultérieur la remplace."}
  first_published_on: {fr: premiere_publication, type: DATE, description: Day of the first publication., description_fr: Date de la première publication.}
  published_on: {fr: date_publication, type: DATE, description: "Day of this text; the source gives an erratum beside the first one no day of its own.", description_fr: "Date de ce texte ; la source ne donne pas de date propre à l'erratum placé à côté du premier."}
  days_after: {fr: jours_apres, type: BIGINT, description: Days from the first publication to this text., description_fr: Jours de la première publication à ce texte.}
  erratum: {fr: erratum, type: VARCHAR, description: "The erratum, as the source gives it; NULL for a later text without one.", description_fr: "L'erratum, tel que la source le donne ; NULL pour un texte ultérieur qui n'en a pas."}
example: |
  SELECT legislature, text_of, count(*) AS corrected, count(DISTINCT uid) AS questions, count(erratum) AS errata
  FROM errata
  GROUP BY ALL ORDER BY ALL LIMIT 5
*/
WITH texts AS (
    SELECT legislature, question_type, question_number, 'question' AS text_of, rank, jo_date, erratum FROM main.question_texts
    UNION ALL
    SELECT legislature, question_type, question_number, 'answer', rank, jo_date, erratum FROM main.answer_texts
),
corrected AS (
    SELECT * FROM texts WHERE rank > 1 OR erratum IS NOT NULL
)
SELECT legislature, question_type, question_number, questions.uid, text_of, corrected.rank,
       first.jo_date AS first_published_on, corrected.jo_date AS published_on,
       corrected.jo_date - first.jo_date AS days_after, corrected.erratum
FROM corrected
JOIN (SELECT * EXCLUDE (erratum) FROM texts WHERE rank = 1) AS first USING (legislature, question_type, question_number, text_of)
JOIN main.questions USING (legislature, question_type, question_number)
