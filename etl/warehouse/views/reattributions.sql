/*
question: Which questions went from one ministry to another, and after how long?
question_fr: Quelles questions sont passées d'un ministère à un autre, et après combien de temps ?
name_fr: changements_attribution
columns:
  legislature:
  question_type:
  question_number:
  uid:
  first_ministry: {fr: premier_ministere, type: VARCHAR, description: "Ministry that it came to first, short form.", description_fr: "Premier ministère attributaire, forme abrégée."}
  last_ministry: {fr: dernier_ministere, type: VARCHAR, description: "Ministry in charge now, short form.", description_fr: "Ministère attributaire actuel, forme abrégée."}
  moves: {fr: changements, type: BIGINT, description: "Changes of attribution; a new government makes one though the ministry keeps its name.", description_fr: "Changements d'attribution ; un nouveau gouvernement en fait un même si le ministère garde son nom."}
  moves_by_decree: {fr: changements_par_decret, type: BIGINT, description: "Those that a decree made, with a change of government.", description_fr: "Ceux dus à un décret, lors d'un changement de gouvernement."}
  moves_to_other_name: {fr: changements_de_nom, type: BIGINT, description: "Those to a ministry of another short name.", description_fr: "Ceux vers un ministère d'un autre nom abrégé."}
  first_moved_on: {fr: premier_changement, type: DATE, description: Day of the first., description_fr: Date du premier.}
  last_moved_on: {fr: dernier_changement, type: DATE, description: Day of the last., description_fr: Date du dernier.}
  days_before: {fr: jours_avant, type: BIGINT, description: Days from its publication to the first., description_fr: Jours entre la publication et le premier.}
  days_after: {fr: jours_apres, type: BIGINT, description: "Days from the last to the answer; NULL without one.", description_fr: "Jours entre le dernier et la réponse ; NULL sans réponse."}
example: |
  SELECT first_ministry, last_ministry, count(*) AS questions, median(days_before) AS days_before
  FROM reattributions
  WHERE legislature = 17 AND moves > moves_by_decree
  GROUP BY ALL ORDER BY questions DESC, first_ministry, last_ministry LIMIT 5
*/
WITH moves AS (
    SELECT *, lag(ministry) OVER (PARTITION BY legislature, question_type, question_number ORDER BY rank) AS before
    FROM main.attributions
    SEMI JOIN (SELECT legislature, question_type, question_number FROM main.attributions WHERE rank = 2)
    USING (legislature, question_type, question_number)
),
moved AS (
    SELECT legislature, question_type, question_number,
           arg_min(moves.ministry, rank) AS first_ministry,
           arg_max(moves.ministry, rank) AS last_ministry,
           count(*) - 1 AS moves,
           count(*) FILTER (rank > 1 AND jo_type = 'JO_LOI_DECRET') AS moves_by_decree,
           count(*) FILTER (rank > 1 AND moves.ministry <> before) AS moves_to_other_name,
           arg_min(jo_date, rank) FILTER (rank > 1) AS first_moved_on,
           arg_max(jo_date, rank) FILTER (rank > 1) AS last_moved_on
    FROM moves GROUP BY ALL
)
SELECT legislature, question_type, question_number, uid, first_ministry, last_ministry, moves, moves_by_decree,
       moves_to_other_name, first_moved_on, last_moved_on,
       first_moved_on - question_date AS days_before,
       CASE status WHEN 'answered' THEN answer_date - last_moved_on END AS days_after
FROM moved JOIN main.questions USING (legislature, question_type, question_number)
