// A list that changes sends its form, from the moment it is there; the page that comes gives it the keyboard back.
"use strict";
const key = "used";
document.addEventListener("change", ({ target }) => {
  if (!target.matches("select")) return;
  sessionStorage.setItem(key, target.name);
  target.form.requestSubmit();
});
document.addEventListener("DOMContentLoaded", () => {
  const used = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (used) document.querySelector(`select[name="${used}"]`)?.focus({ preventScroll: true });
});
