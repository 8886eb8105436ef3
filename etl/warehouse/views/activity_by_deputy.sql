/*
question: How many questions did each deputy ask in a session, and how near the cap?
question_fr: Combien de questions chaque député a-t-il posées par session, et à quelle distance du plafond ?
name_fr: activite_par_depute
parameters:
  as_of:
columns:
  legislature:
  session:
  deputy_id:
  author_name:
  group_abbr: {fr: groupe, type: VARCHAR, description: "Author's group at the last question of the session that has one.", description_fr: "Groupe de l'auteur à la dernière question de la session qui en indique un."}
  department:
  written:
  written_answered:
  written_cap: {fr: plafond, type: INTEGER, description: "QE that a deputy may ask in the session: 52 since that of 2015-2016, NULL before.", description_fr: "QE qu'un député peut poser dans la session : 52 depuis celle de 2015-2016, NULL avant."}
  written_cap_share: {fr: part_du_plafond, type: DOUBLE, description: "written / written_cap.", description_fr: "questions_ecrites / plafond."}
  to_government:
  oral:
example: |
  SELECT author_name, group_abbr, department, written, written_answered, written_cap, to_government, oral
  FROM activity_by_deputy(DATE '2026-09-01')
  WHERE session = '2024-2025'
  ORDER BY written DESC, author_name LIMIT 5
*/
WITH asked AS (
    SELECT *, main.session_of(asked_on) AS session
    FROM main.questions_at(as_of) WHERE coalesce(deputy_id, author_name) IS NOT NULL
)
SELECT legislature, session, deputy_id,
       arg_max(asked.author_name, (asked_on, question_number)) AS author_name,
       arg_max(asked.group_abbr, (asked_on, question_number)) AS group_abbr,
       arg_max(asked.department, (asked_on, question_number)) AS department,
       count(*) FILTER (question_type = 'QE') AS written,
       count(*) FILTER (question_type = 'QE' AND status = 'answered') AS written_answered,
       main.written_cap(session) AS written_cap,
       count(*) FILTER (question_type = 'QE') / main.written_cap(session) AS written_cap_share,
       count(*) FILTER (question_type = 'QG') AS to_government,
       count(*) FILTER (question_type = 'QOSD') AS oral
FROM asked
GROUP BY legislature, session, deputy_id, CASE WHEN deputy_id IS NULL THEN asked.author_name END
