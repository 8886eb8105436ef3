/*
question: Why were questions closed?
question_fr: Pour quels motifs les questions ont-elles été closes ?
name_fr: clotures
columns:
  legislature:
  question_type:
  status: {fr: statut, type: VARCHAR, description: "answered, pending, withdrawn, lapsed or closed.", description_fr: "answered (répondue), pending (en attente), withdrawn (retirée), lapsed (caduque) ou closed (autre clôture)."}
  closure_code: {fr: code_cloture, type: VARCHAR, description: "Why, as coded by the source; NULL where it gives no code.", description_fr: "Motif, code de la source ; NULL si elle n'en donne pas."}
  reason: {fr: motif, type: VARCHAR, description: "Why, in the source's words, without a day in them; NULL where it gives none.", description_fr: "Motif, dans les mots de la source, sans la date qu'ils contiennent ; NULL si elle n'en donne pas."}
  questions: {fr: nombre_questions, type: BIGINT, description: "Questions so closed, the numerator.", description_fr: "Questions ainsi closes, le numérateur."}
  all_questions: {fr: toutes_questions, type: BIGINT, description: "Questions of the legislature and type, the denominator.", description_fr: "Questions de la législature et du type, le dénominateur."}
  share: {fr: part, type: DOUBLE, description: "questions / all_questions, from 0 to 1.", description_fr: "nombre_questions / toutes_questions, de 0 à 1."}
  first_closed_on: {fr: premiere_cloture, type: DATE, description: First day of such a closure., description_fr: Date de la première.}
  last_closed_on: {fr: derniere_cloture, type: DATE, description: Last day of such a closure., description_fr: Date de la dernière.}
example: |
  SELECT legislature, status, closure_code, reason, questions, all_questions, round(share, 4) AS share
  FROM closures
  WHERE question_type = 'QE' AND legislature >= 16
  ORDER BY ALL
*/
WITH counted AS (
    SELECT legislature, question_type, status, closure_code,
           regexp_replace(closure_label, ' le \d{1,2}(er)? \pL+ \d{4}', '') AS reason,
           count(*) AS questions, min(closed_on) AS first_closed_on, max(closed_on) AS last_closed_on
    FROM main.questions GROUP BY ALL
)
SELECT legislature, question_type, status, closure_code, reason, questions,
       CAST(sum(questions) OVER type AS BIGINT) AS all_questions, questions / sum(questions) OVER type AS share,
       first_closed_on, last_closed_on
FROM counted
WINDOW type AS (PARTITION BY legislature, question_type)
