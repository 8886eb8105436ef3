/*
question: How many questions came from each department in a session?
question_fr: Combien de questions sont venues de chaque département par session ?
name_fr: activite_par_departement
parameters:
  as_of:
columns:
  legislature:
  session:
  department:
  authors:
  written:
  written_per_author: {fr: ecrites_par_auteur, type: DOUBLE, description: "written / authors; deputies who asked nothing are in neither.", description_fr: "questions_ecrites / auteurs ; les députés qui n'ont rien demandé ne sont dans aucun des deux."}
  written_answered:
  to_government:
  oral:
example: |
  SELECT department, authors, written, round(written_per_author, 2) AS written_per_author, written_answered, to_government, oral
  FROM activity_by_department(DATE '2026-09-01')
  WHERE session = '2024-2025'
  ORDER BY written DESC, department LIMIT 5
*/
SELECT legislature, main.session_of(asked_on) AS session, department,
       count(DISTINCT coalesce(deputy_id, author_name)) AS authors,
       count(*) FILTER (question_type = 'QE') AS written,
       count(*) FILTER (question_type = 'QE') / nullif(count(DISTINCT coalesce(deputy_id, author_name)), 0) AS written_per_author,
       count(*) FILTER (question_type = 'QE' AND status = 'answered') AS written_answered,
       count(*) FILTER (question_type = 'QG') AS to_government,
       count(*) FILTER (question_type = 'QOSD') AS oral
FROM main.questions_at(as_of)
WHERE department IS NOT NULL
GROUP BY ALL
