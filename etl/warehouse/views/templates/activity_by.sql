/*
parameters:
  as_of:
columns:
  legislature:
  session:
  {column}:
  authors: {fr: auteurs, type: BIGINT, description: "Deputies who asked at least one question of any type; one who changed within the session counts in each, so that these do not add up.", description_fr: "Députés ayant posé au moins une question de n'importe quel type ; qui a changé en cours de session compte dans chacun, si bien qu'ils ne s'additionnent pas."}
  written:
  written_per_author: {fr: ecrites_par_auteur, type: DOUBLE, description: "written / authors; deputies who asked nothing are in neither.", description_fr: "questions_ecrites / auteurs ; les députés qui n'ont rien demandé ne sont dans aucun des deux."}
  written_answered:
  to_government:
  oral:
example: |
  SELECT {column}, authors, written, round(written_per_author, 2) AS written_per_author, written_answered, to_government, oral
  FROM {view}(DATE '2026-09-01')
  WHERE session = '2024-2025'
  ORDER BY written DESC, {column} LIMIT 5
*/
SELECT legislature, main.session_of(asked_on) AS session, {column},
       count(DISTINCT coalesce(deputy_id, author_name)) AS authors,
       count(*) FILTER (question_type = 'QE') AS written,
       count(*) FILTER (question_type = 'QE') / nullif(count(DISTINCT coalesce(deputy_id, author_name)), 0) AS written_per_author,
       count(*) FILTER (question_type = 'QE' AND status = 'answered') AS written_answered,
       count(*) FILTER (question_type = 'QG') AS to_government,
       count(*) FILTER (question_type = 'QOSD') AS oral
FROM main.questions_at(as_of)
WHERE {column} IS NOT NULL
GROUP BY ALL
