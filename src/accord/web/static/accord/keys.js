/* Keys: j and k walk a list, x chooses, o looks beside it, a asks, / searches, g then a letter goes,
   a digit or a letter does what the page gave it (data-key), ? shows every key of this page.
   Nothing is taken from a field in which somebody types. Single keys can be switched off
   (WCAG 2.2, 2.1.4); Ctrl-K always works and lives in palette.js. */
import { says } from "./says.js";

const STORE = "accord.single-keys";
const GO_WAIT_MS = 1200;
let goUntil = 0;

function singleKeys() {
  try {
    return window.localStorage.getItem(STORE) !== "off";
  } catch (blocked) {
    return true;
  }
}

const NOT_TYPED = ["checkbox", "radio", "button", "submit", "reset", "range", "color"];
function typing(target) {
  const field = target.closest("input, textarea, select, [contenteditable]");
  return field !== null && !(field.tagName === "INPUT" && NOT_TYPED.includes(field.type));
}

function visible(element) {
  return element.checkVisibility();
}

function items() {
  return [...document.querySelectorAll("[data-list] [data-item]")].filter(visible);
}

/* The line in which the focus is, also when it is on another control of that line. */
function here(all) {
  const active = document.activeElement;
  const row = active.closest("[data-row]");
  return all.findIndex((item) => item === active || (row !== null && row.contains(item)));
}

function step(by) {
  const all = items();
  if (all.length === 0) return false;
  const at = here(all);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  const item = all[Math.min(all.length - 1, Math.max(0, next))];
  item.focus();
  item.scrollIntoView({ block: "nearest" });
  return true;
}

function inRow(selector) {
  const row = document.activeElement.closest("[data-row]");
  return row === null ? null : row.querySelector(selector);
}

function choose() {
  const box = inRow("[data-pick]");
  if (box === null) return document.querySelector("[data-pick]") !== null && step(1);
  box.click();
  return true;
}

function lookBeside() {
  const link = inRow("[data-peek]");
  if (link === null) return document.querySelector("[data-peek]") !== null && step(1);
  link.dispatchEvent(new CustomEvent("accord:peek", { bubbles: true }));
  return true;
}

function ask() {
  const link = inRow("[data-ask]");
  if (link === null) return false;
  link.click();
  return true;
}

function toggleWhy() {
  const all = [...document.querySelectorAll("details.why")];
  const open = !all.every((item) => item.open);
  all.forEach((item) => { item.open = open; });
  return all.length > 0;
}

function openContext() {
  const details = document.querySelector(".context__details");
  if (details === null) return false;
  details.open = !details.open;
  details.querySelector("summary").focus();
  return true;
}

function search() {
  const box = document.querySelector("[data-search]:not([disabled])");
  if (box === null) return false;
  box.focus();
  box.select();
  return true;
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link === null) return false;
  link.click();
  return true;
}

/* A field takes the focus, a held button says why, everything else is pressed. */
function openKeyed(key) {
  if (!/^[a-z0-9]$/.test(key)) return false;
  const found = document.querySelector(`[data-key="${key}"]`);
  if (found === null) return false;
  if (found.matches("input:not([type=radio]), textarea")) found.focus();
  else found.click();
  if (found.dataset.then !== undefined) document.getElementById(found.dataset.then).focus();
  return true;
}

const HERE = [
  [["j"], says("Next in the list"), () => items().length > 0],
  [["k"], says("Previous in the list"), () => items().length > 0],
  [["Enter"], says("Open the one in focus"), () => items().length > 0],
  [["x"], says("Choose the one in focus"), () => document.querySelector("[data-pick]") !== null],
  [["o"], says("Look at it beside the list"), () => document.querySelector("[data-peek]") !== null],
  [["a"], says("Ask for what the line in focus offers"), () => document.querySelector("[data-ask]") !== null],
  [["w"], says("Open or close every “Why can I see this?”"), () => document.querySelector("details.why") !== null],
];

function line(keys, does) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  for (const key of keys) {
    const cap = document.createElement("kbd");
    cap.className = "key";
    cap.textContent = key;
    term.append(cap);
  }
  const meaning = document.createElement("dd");
  meaning.textContent = does;
  row.append(term, meaning);
  return row;
}

function said(element) {
  const label = element.dataset.says ?? element.getAttribute("aria-label") ?? element.textContent;
  return label.replace(/\s+/g, " ").trim();
}

/* Every key of this page: what its lists take, and what it gave keys of their own. */
function drawMap(list) {
  list.replaceChildren();
  for (const [keys, does, holds] of HERE) if (holds()) list.append(line(keys, does));
  const given = [...document.querySelectorAll("[data-key]")].filter((e) => e.closest("[data-frame]") === null);
  for (const element of given) list.append(line([element.dataset.key], said(element)));
  list.closest("[data-keys-here]").hidden = list.childElementCount === 0;
}

function showMap() {
  const map = document.getElementById("key-map");
  if (map === null) return false;
  drawMap(map.querySelector("[data-keys-list]"));
  map.showModal();
  return true;
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  x: choose,
  o: lookBeside,
  a: ask,
  w: toggleWhy,
  c: openContext,
  "/": search,
  "?": showMap,
  g: () => { goUntil = Date.now() + GO_WAIT_MS; return true; },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]") || !singleKeys()) return;
  const pending = Date.now() < goUntil;
  goUntil = 0;
  const action = pending ? () => go(event.key) : ACTIONS[event.key] ?? (() => openKeyed(event.key));
  if (action()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest('[data-open="key-map"]') === null) return;
  const list = document.querySelector("#key-map [data-keys-list]");
  if (list !== null) drawMap(list);
});

for (const box of document.querySelectorAll("[data-single-keys]")) {
  box.checked = singleKeys();
  box.addEventListener("change", () => {
    try {
      window.localStorage.setItem(STORE, box.checked ? "on" : "off");
    } catch (blocked) {
      box.checked = true; // nowhere to keep the choice
    }
  });
}
