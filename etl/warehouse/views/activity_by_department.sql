/*
question: How many questions came from each department in a session?
question_fr: Combien de questions sont venues de chaque département par session ?
name_fr: activite_par_departement
template: activity_by
column: department
*/
