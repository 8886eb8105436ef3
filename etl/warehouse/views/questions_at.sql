/*
question: What was the state of each question on a day?
question_fr: Dans quel état était chaque question à une date donnée ?
name_fr: questions_au
parameters:
  as_of:
columns:
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
  in_time: {fr: dans_les_delais, type: BOOLEAN, description: "Of a question whose due day has passed: whether it had its answer by then; FALSE while none has come. NULL before, without a due day, and for one that left without an answer.", description_fr: "Pour une question dont l'échéance est passée : la réponse est-elle venue à temps ; FALSE tant qu'il n'y en a pas. NULL avant l'échéance, sans échéance, et pour une question sortie sans réponse."}
example: |
  SELECT status, count(*) AS questions, count(in_time) AS due, count(*) FILTER (in_time) AS in_time
  FROM questions_at(DATE '2025-06-30')
  WHERE legislature = 17
  GROUP BY ALL ORDER BY ALL
*/
WITH moved_later AS (
    SELECT legislature, question_type, question_number,
           coalesce(arg_max(attributions.ministry, rank) FILTER (jo_date <= CAST(as_of AS DATE) OR rank = 1),
                    any_value(ministry_asked)) AS ministry
    FROM main.questions JOIN main.attributions USING (legislature, question_type, question_number)
    WHERE reattributed_on > CAST(as_of AS DATE)
    GROUP BY ALL
)
SELECT legislature, question_type, question_number, uid, deputy_id, author_name, group_abbr, department,
       CASE WHEN lives.reattributed_on > CAST(as_of AS DATE) THEN moved_later.ministry ELSE lives.ministry END AS ministry,
       rubrique, title, asked_on, due_on,
       CASE WHEN lives.signalled_on <= CAST(as_of AS DATE) THEN lives.signalled_on END AS signalled_on,
       CASE WHEN lives.answered_on <= CAST(as_of AS DATE) THEN lives.answered_on END AS answered_on,
       CASE WHEN lives.answered_on <= CAST(as_of AS DATE) THEN lives.days END AS days,
       CASE WHEN lives.left_on <= CAST(as_of AS DATE) THEN lives.left_on END AS left_on,
       main.status_at(lives.status, ended_on, as_of) AS status,
       main.in_time_at(main.status_at(lives.status, ended_on, as_of), due_on, lives.answered_on, as_of) AS in_time
FROM main.question_lives AS lives LEFT JOIN moved_later USING (legislature, question_type, question_number)
WHERE asked_on <= CAST(as_of AS DATE)
