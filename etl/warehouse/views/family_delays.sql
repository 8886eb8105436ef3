/*
question: Which families of ministries answer in time, whatever they are called, and how long do they take?
question_fr: Quelles familles de ministères répondent dans les délais, quel que soit leur nom, et en combien de temps ?
name_fr: delais_par_famille
parameters:
  as_of:
columns:
  legislature:
  question_type:
  family:
  ministries: {fr: ministeres, type: BIGINT, description: Names of ministries that were in charge., description_fr: Noms de ministères attributaires.}
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
  SELECT legislature, ministries, asked, answered, due, in_time, lapsed_late,
         round(in_time_rate_with_lapsed, 3) AS in_time_rate_with_lapsed, median_days
  FROM family_delays(DATE '2026-09-01')
  WHERE family = 'Santé' AND question_type = 'QE'
  ORDER BY legislature
*/
SELECT legislature, question_type, family,
       count(DISTINCT ministry) AS ministries,
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
FROM main.questions_by_family(as_of)
GROUP BY ALL
