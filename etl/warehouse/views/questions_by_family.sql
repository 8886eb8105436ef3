/*
question: What was the state of each question on a day, by family of ministries?
question_fr: Dans quel état était chaque question à une date donnée, par famille de ministères ?
name_fr: questions_par_famille
parameters:
  as_of:
columns:
  family:
  legislature:
  question_type:
  question_number:
  uid:
  deputy_id:
  author_name:
  group_abbr:
  department:
  ministry:
  rubrique:
  title:
  asked_on:
  due_on:
  signalled_on:
  answered_on:
  days:
  left_on:
  status:
  in_time: {fr: dans_les_delais, type: BOOLEAN, description: "As in `questions_at`.", description_fr: "Comme dans `questions_au`."}
example: |
  SELECT ministry, count(*) AS questions, min(asked_on) AS first, max(asked_on) AS last
  FROM questions_by_family(DATE '2026-09-01')
  WHERE family = 'Santé' AND question_type = 'QE'
  GROUP BY ALL ORDER BY first, ministry
*/
-- a row a question and family of the ministry in charge on the day
SELECT family, questions.*
FROM main.questions_at(as_of) AS questions JOIN (SELECT ministry, family FROM main.ministry_families) USING (ministry)
