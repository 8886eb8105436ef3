// A list that changes sends its form; the page that comes gives it the keyboard back.
"use strict";
const key = "used";
for (const list of document.querySelectorAll("select")) {
  list.addEventListener("change", () => {
    sessionStorage.setItem(key, list.name);
    list.form.requestSubmit();
  });
}
const used = sessionStorage.getItem(key);
sessionStorage.removeItem(key);
if (used) document.querySelector(`select[name="${used}"]`)?.focus({ preventScroll: true });
