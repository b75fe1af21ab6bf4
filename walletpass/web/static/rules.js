// The rules' form folds what is switched off by a zero, and does not let typed values go unsaved.

const form = document.getElementById("rules");
const unsaved = document.getElementById("unsaved");
let leaving = false;

function fold() {
  for (const rule of form.querySelectorAll("[data-above]")) {
    const above = document.getElementById(rule.dataset.above).value.trim();
    rule.classList.toggle("away-for-now", /^0*$/.test(above));
  }
}

function dirty() {
  form.dataset.unsaved = "";
  unsaved.hidden = false;
}

form.addEventListener("input", () => {
  dirty();
  fold();
});
form.addEventListener("submit", () => {
  leaving = true;
});
addEventListener("beforeunload", (event) => {
  if ("unsaved" in form.dataset && !leaving) event.preventDefault();
});
// Coming back with the browser's own button brings typed values along.
addEventListener("pageshow", () => {
  leaving = false;
});
fold();
form.querySelector("[aria-invalid=true]")?.focus();
