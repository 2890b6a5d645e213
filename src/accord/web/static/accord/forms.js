/* Forms: the focus goes to the error summary, counts run down, a held button does nothing,
   and a form goes off once. */
import { says } from "./says.js";

const summary = document.querySelector("[data-focus]");
if (summary !== null) summary.focus();

function showCount(area) {
  const line = document.querySelector(`[data-count-for="${CSS.escape(area.id)}"]`);
  if (line === null) return;
  const left = Number(area.dataset.limit) - area.value.length;
  line.textContent = left >= 0 ? says("{left} characters left", { left }) : says("{over} characters too many", { over: -left });
  line.classList.toggle("field__count--over", left < 0);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-limit]")) showCount(event.target);
});
document.querySelectorAll("textarea[data-limit]").forEach(showCount);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-held]") !== null) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent === "yes") event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
