/* Keys: j and k walk a list, / searches, g then a letter goes, a digit opens
   what the page gave it, ? shows the map.
   Single keys can be switched off (WCAG 2.1.4); Ctrl-K always works and lives in palette.js. */
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

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function visible(element) {
  return element.getClientRects().length > 0;
}

function step(by) {
  const items = [...document.querySelectorAll("[data-list] [data-item]")].filter(visible);
  if (items.length === 0) return false;
  const here = items.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : items.length - 1) : here + by;
  const item = items[Math.min(items.length - 1, Math.max(0, next))];
  item.focus();
  item.scrollIntoView({ block: "nearest" });
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

/* A digit opens the working context (or whatever else the page gave that key). */
function openKeyed(key) {
  const link = /^[1-9]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null;
  if (link === null) return false;
  link.click();
  return true;
}

function showMap() {
  const map = document.getElementById("key-map");
  if (map === null) return false;
  map.showModal();
  return true;
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  w: toggleWhy,
  x: openContext,
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
