/* Lists that are worked on: how many lines are chosen, and one line read beside the list.
   What is read beside it is the record's own page, asked for and logged like any other. */
import { says } from "./says.js";

function count(form) {
  const boxes = [...document.querySelectorAll(`[data-pick][form="${CSS.escape(form.id)}"]`)];
  const chosen = boxes.filter((box) => box.checked).length;
  const line = form.querySelector("[data-work-count]");
  line.textContent = chosen === 0 ? says("Choose with") : says("{chosen} chosen; choose with", { chosen });
  form.classList.toggle("workbar--on", chosen > 0);
  for (const box of boxes) box.closest("[data-row]").classList.toggle("result--picked", box.checked);
}

for (const form of document.querySelectorAll("[data-work]")) {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) count(form);
  });
  window.addEventListener("pageshow", () => count(form));
  count(form);
}

const panel = document.querySelector("[data-peek-panel]");
let from = null;

function close() {
  panel.hidden = true;
  document.documentElement.classList.remove("is-peeking");
  if (from !== null) from.focus();
}

/* Ids and landmarks must stay unique on the page, so the copy goes without them; its forms stay on
   the full page. */
function copied(page) {
  const wanted = [...page.querySelectorAll("[data-peek-part]")];
  for (const element of wanted) {
    for (const named of [element, ...element.querySelectorAll("[id]")]) named.removeAttribute("id");
    for (const name of ["aria-label", "aria-labelledby", "aria-describedby", "aria-controls"]) {
      for (const tied of [element, ...element.querySelectorAll(`[${name}]`)]) tied.removeAttribute(name);
    }
    element.querySelectorAll("form").forEach((form) => form.remove());
  }
  return wanted.map((element) => document.importNode(element, true));
}

function note(text) {
  const line = document.createElement("p");
  line.className = "peek__note";
  line.textContent = text;
  return line;
}

async function peek(link) {
  from = link;
  const body = panel.querySelector("[data-peek-body]");
  panel.querySelector("[data-peek-title]").textContent = link.textContent;
  panel.querySelector("[data-peek-open]").href = link.href;
  body.replaceChildren(note(says("Reading …")));
  panel.hidden = false;
  document.documentElement.classList.add("is-peeking");
  panel.focus();
  let parts = [];
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (answer.ok) parts = copied(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (failed) {
    parts = [];
  }
  if (from !== link) return;
  body.replaceChildren(...(parts.length > 0 ? parts : [note(says("It could not be read here. Open it in full."))]));
}

if (panel !== null) {
  document.addEventListener("accord:peek", (event) => peek(event.target));
  panel.querySelector("[data-peek-close]").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden && document.querySelector("dialog[open]") === null) close();
  });
}
