/*
question: Which answers serve several questions, and how many?
question_fr: Quelles réponses servent à plusieurs questions, et à combien ?
name_fr: groupes_de_reponses_communes
columns:
  answer_group: {fr: groupe_reponse, type: VARCHAR, description: "The group, as `joint_answers` names it.", description_fr: "Le groupe, tel que le nomme `joint_answers`."}
  answer_date: {fr: date_reponse, type: DATE, description: Day on which the answer was published., description_fr: Date de publication de la réponse.}
  known_by: {fr: connu_par, type: VARCHAR, description: "journal (printed as one answer), text (the same text and day), or both.", description_fr: "journal (imprimée comme une seule réponse), text (mêmes texte et date) ou both (les deux)."}
  size: {fr: taille, type: INTEGER, description: Questions that it serves., description_fr: Questions auxquelles elle sert.}
  legislature:
  ministry: {fr: ministere_attributaire, type: VARCHAR, description: "Ministry in charge of the group's first question, short form.", description_fr: "Ministère attributaire de la première question du groupe, forme abrégée."}
  ministries: {fr: ministeres, type: BIGINT, description: Ministries in charge of its questions., description_fr: Ministères attributaires de ses questions.}
  title: {fr: titre, type: VARCHAR, description: The best heading of its first question., description_fr: Le meilleur intitulé de sa première question.}
  first_asked_on: {fr: premiere_question, type: DATE, description: Day on which its first question was published., description_fr: Date de publication de sa première question.}
  last_asked_on: {fr: derniere_question, type: DATE, description: Day on which its last question was published., description_fr: Date de publication de sa dernière question.}
  authors: {fr: auteurs, type: BIGINT, description: "Deputies who asked them, where the source names them.", description_fr: "Députés qui les ont posées, quand la source les nomme."}
  uids: {fr: uids, type: "VARCHAR[]", description: "Its questions that the warehouse has, by number.", description_fr: "Ses questions présentes dans l'entrepôt, par numéro."}
example: |
  SELECT answer_group, known_by, size, ministry, authors, first_asked_on, last_asked_on
  FROM joint_answer_groups
  ORDER BY size DESC, answer_group LIMIT 5
*/
SELECT answer_group, answer_date, any_value(known_by) AS known_by, any_value(size) AS size,
       min(legislature) AS legislature,
       arg_min(questions.ministry, (legislature, question_type, question_number)) AS ministry,
       count(DISTINCT questions.ministry) AS ministries,
       arg_min(questions.title, (legislature, question_type, question_number)) AS title,
       min(question_date) AS first_asked_on, max(question_date) AS last_asked_on,
       nullif(count(DISTINCT coalesce(deputy_id, author_name)), 0) AS authors,
       list(uid ORDER BY legislature, question_type, question_number) FILTER (uid IS NOT NULL) AS uids
FROM main.joint_answers LEFT JOIN (SELECT * EXCLUDE (answer_date) FROM main.questions) AS questions
USING (legislature, question_type, question_number)
GROUP BY answer_group, joint_answers.answer_date
