/*
question: Which field is filled in which legislature?
question_fr: Quel champ est rempli dans quelle législature ?
name_fr: couverture_des_champs
columns:
  legislature:
  question_type:
  field: {fr: champ, type: VARCHAR, description: Column of `questions`., description_fr: "Colonne de `questions`, sous son nom anglais."}
  filled: {fr: remplies, type: BIGINT, description: "Questions that have it, the numerator.", description_fr: "Questions où il est rempli, le numérateur."}
  questions: {fr: nombre_questions, type: BIGINT, description: "Questions of the legislature and type, the denominator.", description_fr: "Questions de la législature et du type, le dénominateur."}
  share: {fr: part, type: DOUBLE, description: "filled / questions, from 0 to 1.", description_fr: "remplies / nombre_questions, de 0 à 1."}
example: |
  PIVOT (FROM field_coverage WHERE question_type = 'QE' AND field IN ('question_date', 'signalled_on', 'tete_analyse', 'ministry_id'))
  ON legislature USING first(round(share, 3)) GROUP BY field ORDER BY field
*/
WITH texts AS (  -- a text is long to read, and its passages tell that it is there
    SELECT legislature, question_type, count(DISTINCT question_number) AS question_text
    FROM main.question_texts WHERE passages IS NOT NULL GROUP BY ALL
),
counted AS (
    SELECT legislature, question_type, count(*) AS questions,
           count(COLUMNS(* EXCLUDE (legislature, question_type, question_number, question_text, answer_text))) AS "\0",
           count(*) FILTER (answer_text IS NOT NULL) AS answer_text
    FROM main.questions GROUP BY ALL
)
SELECT legislature, question_type, field, filled, questions, filled / questions AS share
FROM (
    UNPIVOT (SELECT counted.*, coalesce(question_text, 0) AS question_text
             FROM counted LEFT JOIN texts USING (legislature, question_type))
    ON COLUMNS(* EXCLUDE (legislature, question_type, questions)) INTO NAME field VALUE filled
)
