/*
question: How do written questions, questions to the Government and oral questions compare?
question_fr: Comment se comparent questions écrites, questions au Gouvernement et questions orales ?
name_fr: types_compares
parameters:
  as_of:
columns:
  legislature:
  question_type:
  asked:
  authors: {fr: auteurs, type: BIGINT, description: "Deputies who asked at least one, where the source names them.", description_fr: "Députés en ayant posé au moins une, quand la source les nomme."}
  answered:
  answered_rate:
  left_unanswered:
  pending:
  overdue:
  due:
  in_time:
  lapsed_late:
  in_time_rate_with_lapsed:
  median_days:
  p90_days:
  signalled:
example: |
  SELECT legislature, question_type, asked, answered, round(answered_rate, 3) AS answered_rate, due, in_time, lapsed_late,
         round(in_time_rate_with_lapsed, 3) AS in_time_rate_with_lapsed, median_days, signalled
  FROM question_types_compared(DATE '2026-09-01')
  ORDER BY legislature, question_type
*/
SELECT legislature, question_type,
       count(*) AS asked,
       nullif(count(DISTINCT coalesce(deputy_id, author_name)), 0) AS authors,
       count(*) FILTER (status = 'answered') AS answered,
       count(*) FILTER (status = 'answered') / count(*) AS answered_rate,
       count(*) FILTER (status NOT IN ('answered', 'pending')) AS left_unanswered,
       count(*) FILTER (status = 'pending') AS pending,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status = 'pending' AND NOT in_time) END AS overdue,
       CASE WHEN count(due_on) > 0 THEN count(in_time) END AS due,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (in_time) END AS in_time,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status = 'lapsed' AND left_on > due_on) END AS lapsed_late,
       count(*) FILTER (in_time) / nullif(count(in_time) + count(*) FILTER (status = 'lapsed' AND left_on > due_on), 0) AS in_time_rate_with_lapsed,
       median(days) AS median_days,
       quantile_cont(days, 0.9) AS p90_days,
       CASE WHEN main.signalled_known(legislature) AND question_type = 'QE' THEN count(signalled_on) END AS signalled
FROM main.questions_at(as_of)
GROUP BY legislature, question_type
