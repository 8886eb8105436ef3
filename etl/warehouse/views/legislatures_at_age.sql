/*
question: How did legislatures stand at the same age?
question_fr: Où en étaient les législatures au même âge ?
name_fr: legislatures_au_meme_age
parameters:
  age_days: {fr: age_jours, type: INTEGER, description: "Age in days; 0 is a legislature's first day.", description_fr: "Âge en jours ; 0 est le premier jour de la législature."}
columns:
  legislature:
  question_type:
  day: {fr: jour, type: DATE, description: "Day on which the legislature was of that age; one that never reached it, or not yet in what was loaded, has no row.", description_fr: "Jour où la législature avait cet âge ; celle qui ne l'a pas atteint, ou pas encore dans ce qui est chargé, n'a pas de ligne."}
  asked:
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
  signalled:
example: |
  SELECT legislature, day, asked, answered, round(answered_rate, 3) AS answered_rate, due, in_time, lapsed_late,
         round(in_time_rate_with_lapsed, 3) AS in_time_rate_with_lapsed, median_days, signalled
  FROM legislatures_at_age(600)
  WHERE question_type = 'QE'
  ORDER BY legislature
*/
WITH ages AS (
    SELECT number AS legislature, opened_on + CAST(age_days AS INTEGER) AS day
    FROM main.legislatures
    LEFT JOIN (SELECT legislature AS number, max(coalesce(ended_on, asked_on)) AS known_until
               FROM main.question_lives GROUP BY ALL) USING (number)
    WHERE day <= coalesce(closed_on, known_until)
),
stood AS (
    SELECT *, main.in_time_at(status_then, due_on, answered_on, day) AS in_time_then
    FROM (SELECT *, main.status_at(status, ended_on, day) AS status_then FROM main.question_lives JOIN ages USING (legislature)
          WHERE asked_on <= day)
)
SELECT legislature, question_type, day,
       count(*) AS asked,
       count(*) FILTER (status_then = 'answered') AS answered,
       count(*) FILTER (status_then = 'answered') / count(*) AS answered_rate,
       count(*) FILTER (status_then NOT IN ('answered', 'pending')) AS left_unanswered,
       count(*) FILTER (status_then = 'pending') AS pending,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status_then = 'pending' AND NOT in_time_then) END AS overdue,
       CASE WHEN count(due_on) > 0 THEN count(in_time_then) END AS due,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (in_time_then) END AS in_time,
       CASE WHEN count(due_on) > 0 THEN count(*) FILTER (status_then = 'lapsed' AND left_on > due_on) END AS lapsed_late,
       count(*) FILTER (in_time_then) / nullif(count(in_time_then) + count(*) FILTER (status_then = 'lapsed' AND left_on > due_on), 0) AS in_time_rate_with_lapsed,
       median(days) FILTER (answered_on <= day) AS median_days,
       CASE WHEN main.signalled_known(legislature) AND question_type = 'QE' THEN count(*) FILTER (signalled_on <= day) END AS signalled
FROM stood
GROUP BY legislature, question_type, day
