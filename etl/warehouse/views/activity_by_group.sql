/*
question: How many questions did each group ask in a session?
question_fr: Combien de questions chaque groupe a-t-il posées par session ?
name_fr: activite_par_groupe
template: activity_by
column: group_abbr
*/
