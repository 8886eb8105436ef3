/*
question: How many questions did each group ask in a session?
question_fr: Combien de questions chaque groupe a-t-il posées par session ?
name_fr: activite_par_groupe
parameters:
  as_of:
columns:
  legislature:
  session:
  group_abbr:
  authors:
  written:
  written_per_author: {fr: ecrites_par_auteur, type: DOUBLE, description: "written / authors; deputies who asked nothing are in neither.", description_fr: "questions_ecrites / auteurs ; les députés qui n'ont rien demandé ne sont dans aucun des deux."}
  written_answered:
  to_government:
  oral:
example: |
  SELECT group_abbr, authors, written, round(written_per_author, 2) AS written_per_author, written_answered, to_government, oral
  FROM activity_by_group(DATE '2026-09-01')
  WHERE session = '2024-2025'
  ORDER BY written DESC, group_abbr LIMIT 5
*/
SELECT legislature, main.session_of(asked_on) AS session, group_abbr,
       count(DISTINCT coalesce(deputy_id, author_name)) AS authors,
       count(*) FILTER (question_type = 'QE') AS written,
       count(*) FILTER (question_type = 'QE') / nullif(count(DISTINCT coalesce(deputy_id, author_name)), 0) AS written_per_author,
       count(*) FILTER (question_type = 'QE' AND status = 'answered') AS written_answered,
       count(*) FILTER (question_type = 'QG') AS to_government,
       count(*) FILTER (question_type = 'QOSD') AS oral
FROM main.questions_at(as_of)
WHERE group_abbr IS NOT NULL
GROUP BY ALL
