/* Forms: the focus goes to the error summary, counts run down, a held button does nothing,
   a form goes off once, and long lists of boxes are chosen all at once. */
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

/* Long lists of boxes: how many are chosen, and all or none of them at once. */
function chooser(place) {
  const boxes = [...place.closest("form").querySelectorAll(`[name="${CSS.escape(place.dataset.chooseAll)}"]`)];
  const line = document.createElement("span");
  line.setAttribute("role", "status");
  const tell = () => {
    line.textContent = says("{count} of {all} chosen", { count: boxes.filter((box) => box.checked).length, all: boxes.length });
  };
  const set = (text, on) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "link-button", textContent: text });
    made.addEventListener("click", () => {
      for (const box of boxes) box.checked = on;
      tell();
    });
    return made;
  };
  place.append(line, set(says("Choose all"), true), set(says("Choose none"), false));
  place.hidden = false;
  for (const box of boxes) box.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}
document.querySelectorAll("[data-choose-all]").forEach(chooser);
