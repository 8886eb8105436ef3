/*
question: Which ministries answer in time, and how long do they take?
question_fr: Quels ministères répondent dans les délais, et en combien de temps ?
name_fr: delais_de_reponse
parameters:
  as_of:
columns:
  legislature:
  question_type:
  ministry:
  asked:
  answered:
  left_unanswered:
  pending:
  overdue:
  due:
  in_time:
  in_time_rate:
  lapsed_late:
  in_time_rate_with_lapsed:
  median_days:
  p90_days:
example: |
  SELECT ministry, due, in_time, round(in_time_rate, 3) AS in_time_rate, median_days, overdue
  FROM response_delays(DATE '2026-09-01')
  WHERE legislature = 17 AND question_type = 'QE'
  ORDER BY due DESC, ministry LIMIT 5
*/
SELECT legislature, question_type, ministry,
       count(*) AS asked,
       count(*) FILTER (status = 'answered') AS answered,
       count(*) FILTER (status NOT IN ('answered', 'pending')) AS left_unanswered,
       count(*) FILTER (status = 'pending') AS pending,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status = 'pending' AND NOT in_time) END AS overdue,
       CASE WHEN count(due_on) > 0 THEN count(in_time) END AS due,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (in_time) END AS in_time,
       avg(CAST(in_time AS INTEGER)) AS in_time_rate,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status = 'lapsed' AND left_on > due_on) END AS lapsed_late,
       count(*) FILTER (in_time) / nullif(count(in_time) + count(*) FILTER (status = 'lapsed' AND left_on > due_on), 0) AS in_time_rate_with_lapsed,
       median(days) AS median_days,
       quantile_cont(days, 0.9) AS p90_days
FROM main.questions_at(as_of)
GROUP BY ALL
