/*
question: What does the warehouse hold, and why is a table empty?
question_fr: Que contient l'entrepôt, et pourquoi une table est-elle vide ?
name_fr: contenu
columns:
  table_name: {fr: nom_table, type: VARCHAR, description: A table., description_fr: "Une table, sous son nom anglais."}
  row_count: {fr: nombre_lignes, type: BIGINT, description: Its rows., description_fr: Son nombre de lignes.}
  why_empty: {fr: pourquoi_vide, type: VARCHAR, description: "Why there are none, and what brings them; NULL where there are some.", description_fr: "Pourquoi il n'y en a pas, et ce qui les apporte ; NULL s'il y en a."}
example: |
  SELECT table_name, row_count, why_empty
  FROM holdings
  WHERE table_name IN ('questions', 'deputies', 'joint_answers')
  ORDER BY table_name
*/
WITH counted AS (
    SELECT 'questions' AS table_name, count(*) AS row_count FROM main.questions
    UNION ALL SELECT 'attributions', count(*) FROM main.attributions
    UNION ALL SELECT 'question_texts', count(*) FROM main.question_texts
    UNION ALL SELECT 'answer_texts', count(*) FROM main.answer_texts
    UNION ALL SELECT 'renewals', count(*) FROM main.renewals
    UNION ALL SELECT 'question_versions', count(*) FROM main.question_versions
    UNION ALL SELECT 'deputies', count(*) FROM main.deputies
    UNION ALL SELECT 'mandates', count(*) FROM main.mandates
    UNION ALL SELECT 'organs', count(*) FROM main.organs
    UNION ALL SELECT 'journal_questions', count(*) FROM main.journal_questions
    UNION ALL SELECT 'journal_answers', count(*) FROM main.journal_answers
    UNION ALL SELECT 'joint_answers', count(*) FROM main.joint_answers
    UNION ALL SELECT 'resemblances', count(*) FROM main.resemblances
    UNION ALL SELECT 'answer_resemblances', count(*) FROM main.answer_resemblances
    UNION ALL SELECT 'law_references', count(*) FROM main.law_references
    UNION ALL SELECT 'mentions', count(*) FROM main.mentions
)
SELECT table_name, row_count,
       CASE
           WHEN row_count > 0 THEN NULL
           WHEN table_name IN ('deputies', 'mandates', 'organs')
           THEN 'People were not loaded: `anq run` without -l and -t, or the DAG questions without Params, brings them '
               || '— Les personnes n''ont pas été chargées : `anq run` sans -l ni -t, ou le DAG questions sans paramètres, les apporte'
           WHEN table_name IN ('journal_questions', 'journal_answers')
           THEN 'No weekly issue was loaded: `anq run` without -l and -t, or the DAG questions without Params, brings them '
               || '— Aucun numéro n''a été chargé : `anq run` sans -l ni -t, ou le DAG questions sans paramètres, les apporte'
           WHEN table_name = 'question_versions'
           THEN 'No question has changed since it was first loaded — Aucune question n''a changé depuis son premier chargement'
           WHEN table_name IN ('joint_answers', 'resemblances', 'answer_resemblances', 'law_references', 'mentions')
           THEN 'Nothing among the questions loaded — Rien parmi les questions chargées'
           ELSE 'Nothing in the archives loaded; ops.held_back has what waits '
               || '— Rien dans les archives chargées ; ops.held_back dit ce qui attend'
       END AS why_empty
FROM counted
