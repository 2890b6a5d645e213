/* Areas to blacken, drawn on the pages of an exhibit. The inputs below hold what is sent: each is one
   area in ten-thousandths of its page, so nothing here knows how large anything is shown. Without this
   script the inputs are filled in by hand. */
import { says } from "./says.js";

const WHOLE = 10000, STEP = 100, LEAST = 40, GRIP_PX = 14, MOST_UNDO = 200;
const SVG = "http://www.w3.org/2000/svg";
const root = document.querySelector("[data-draw]");
const list = document.querySelector("[data-draw-list]");
const sheets = [...document.querySelectorAll("[data-draw-on]")];
const pages = [...document.querySelectorAll("[data-draw-page]")];
const buttons = { undo: root?.querySelector("[data-draw-undo]"), redo: root?.querySelector("[data-draw-redo]") };

let areas = [], past = [], future = [], chosen = -1, drag = null;

const whole = (value, least, most) => Math.round(Math.min(Math.max(value, least), most));
const text = (a) => [a.page, a.left, a.top, a.width, a.height].join(" ");
const copy = () => areas.map((a) => ({ ...a }));

function read(line) {
  const sides = line.replaceAll(",", " ").trim().split(/\s+/).map(Number);
  if (sides.length !== 5 || !sides.every(Number.isInteger)) return null;
  const [page, left, top, width, height] = sides;
  const inside = page >= 1 && left >= 0 && top >= 0 && width >= 1 && height >= 1;
  return inside && left + width <= WHOLE && top + height <= WHOLE ? { page, left, top, width, height } : null;
}

function remember() {
  past.push(copy());
  if (past.length > MOST_UNDO) past.shift();
  future = [];
}

function turn(from, to) {
  if (from.length === 0) return;
  to.push(copy());
  areas = from.pop();
  chosen = Math.min(chosen, areas.length - 1);
  draw();
}

/* -- drawing -- */
function node(name, facts, into) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
  into.append(made);
  return made;
}

function drawSheet(sheet) {
  const held = sheet.contains(document.activeElement);
  sheet.replaceChildren();
  const page = Number(sheet.dataset.drawOn), size = sheet.getBoundingClientRect();
  areas.forEach((area, index) => {
    if (area.page !== page) return;
    const facts = { x: area.left, y: area.top, width: area.width, height: area.height };
    const label = says("Area {number}", { number: index + 1 });
    const box = node("rect", { ...facts, class: "area", tabindex: 0, role: "button", "aria-label": `${label}: ${text(area)}`, "data-area": index }, sheet);
    if (index !== chosen) return;
    box.classList.add("area--chosen");
    const wide = (GRIP_PX * WHOLE) / (size.width || WHOLE), high = (GRIP_PX * WHOLE) / (size.height || WHOLE);
    for (const [x, y, corner] of [[0, 0, "nw"], [1, 0, "ne"], [0, 1, "sw"], [1, 1, "se"]]) {
      node("rect", { x: area.left + x * area.width - wide / 2, y: area.top + y * area.height - high / 2, width: wide, height: high, class: `grip grip--${corner}`, "data-grip": corner, "data-area": index }, sheet);
    }
    if (held) box.focus({ preventScroll: true });
  });
}

function drawList() {
  const at = document.activeElement;
  const typing = at instanceof HTMLInputElement && list.contains(at) ? Number(at.dataset.area) : -1;
  areas.forEach((area, index) => {
    let line = list.children[index];
    if (line === undefined || line.querySelector("button") === null) {
      line = document.createElement("li");
      line.className = "row";
      const input = document.createElement("input"), remove = document.createElement("button");
      Object.assign(input, { className: "input mono", name: "area", autocomplete: "off" });
      Object.assign(remove, { className: "link-button", type: "button" });
      line.append(input, remove);
      list.insertBefore(line, list.children[index] ?? null);
    }
    const [input, remove] = line.children;
    input.dataset.area = remove.dataset.remove = index;
    input.setAttribute("aria-label", says("Area {number}", { number: index + 1 }));
    remove.textContent = says("Remove area {number}", { number: index + 1 });
    if (index !== typing) input.value = text(area);
  });
  while (list.children.length > areas.length) list.lastElementChild.remove();
}

function draw() {
  sheets.forEach(drawSheet);
  drawList();
  buttons.undo.disabled = past.length === 0;
  buttons.redo.disabled = future.length === 0;
  pages.forEach(drawPage);
}

/* Which pages have areas: the one that is shown hides the others. */
function drawPage(button) {
  const page = button.dataset.drawPage, count = areas.filter((area) => String(area.page) === page).length;
  button.textContent = count > 0 ? says("{page} (areas: {count})", { page, count }) : page;
}

/* What had the focus is gone: it goes to the next area, or to where one is made. */
function remove(index) {
  remember();
  areas.splice(index, 1);
  chosen = -1;
  draw();
  const sheet = sheets.find((one) => !one.closest("[data-draw-sheet]").hidden);
  (sheet?.querySelector(".area") ?? root.querySelector("[data-draw-add]")).focus({ preventScroll: true });
}

/* -- pointer -- */
function place(sheet, event) {
  const size = sheet.getBoundingClientRect();
  return {
    x: whole(((event.clientX - size.left) / size.width) * WHOLE, 0, WHOLE),
    y: whole(((event.clientY - size.top) / size.height) * WHOLE, 0, WHOLE),
  };
}

function spanned(page, a, b) {
  return { page, left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

function down(sheet, event) {
  if (event.button !== 0) return;
  event.preventDefault();
  const at = place(sheet, event), hit = event.target.closest("[data-area]");
  const index = hit ? Number(hit.dataset.area) : -1, area = areas[index];
  const before = copy();
  if (area && hit.dataset.grip) {
    const fixed = {
      x: hit.dataset.grip.includes("w") ? area.left + area.width : area.left,
      y: hit.dataset.grip.includes("n") ? area.top + area.height : area.top,
    };
    drag = { how: "size", index, fixed, before };
  } else if (area) {
    drag = { how: "move", index, dx: at.x - area.left, dy: at.y - area.top, before };
  } else {
    areas.push(spanned(Number(sheet.dataset.drawOn), at, at));
    drag = { how: "size", index: areas.length - 1, fixed: at, before, fresh: true };
  }
  chosen = drag.index;
  sheet.setPointerCapture(event.pointerId);
  draw();
}

function move(sheet, event) {
  if (drag === null) return;
  const at = place(sheet, event), area = areas[drag.index];
  if (drag.how === "move") {
    area.left = whole(at.x - drag.dx, 0, WHOLE - area.width);
    area.top = whole(at.y - drag.dy, 0, WHOLE - area.height);
  } else Object.assign(area, spanned(area.page, drag.fixed, at));
  drawSheet(sheet);
}

function up(sheet) {
  if (drag === null) return;
  const { before, index, fresh } = drag, area = areas[index];
  drag = null;
  const tooSmall = area.width < LEAST || area.height < LEAST;
  if (tooSmall) areas = before; // a click, or drawn to nothing
  else if (JSON.stringify(before) !== JSON.stringify(areas)) {
    past.push(before);
    future = [];
  }
  if (tooSmall && fresh) chosen = -1;
  draw();
  if (chosen >= 0) sheet.querySelector(`.area[data-area="${chosen}"]`)?.focus({ preventScroll: true });
}

/* -- keyboard -- */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(event) {
  const box = event.target.closest(".area");
  if (box === null || event.ctrlKey || event.metaKey) return;
  const index = Number(box.dataset.area), area = areas[index], way = WAYS[event.key];
  if (event.key === "Delete" || event.key === "Backspace") remove(index);
  else if (event.key === "Enter") list.children[index]?.querySelector("input").focus();
  else if (way) {
    remember();
    if (event.shiftKey) {
      area.width = whole(area.width + way[0] * STEP, LEAST, WHOLE - area.left);
      area.height = whole(area.height + way[1] * STEP, LEAST, WHOLE - area.top);
    } else {
      area.left = whole(area.left + way[0] * STEP, 0, WHOLE - area.width);
      area.top = whole(area.top + way[1] * STEP, 0, WHOLE - area.height);
    }
    draw();
  } else return;
  event.preventDefault();
}

/* Wherever the focus is above the numbers: an area that was just removed has none. */
function onUndo(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  if (event.shiftKey) turn(future, past);
  else turn(past, future);
}

function show(page) {
  for (const sheet of root.querySelectorAll("[data-draw-sheet]")) sheet.hidden = sheet.dataset.drawSheet !== String(page);
  for (const button of pages) button.setAttribute("aria-pressed", String(button.dataset.drawPage === String(page)));
  draw();
}

function add() {
  const sheet = [...root.querySelectorAll("[data-draw-sheet]")].find((one) => !one.hidden);
  remember();
  areas.push({ page: Number(sheet.dataset.drawSheet), left: 4000, top: 4000, width: 2000, height: 1000 });
  chosen = areas.length - 1;
  const veil = sheet.querySelector("details");
  if (veil) veil.open = true;
  draw();
  sheet.querySelector(`.area[data-area="${chosen}"]`)?.focus();
}

function begin() {
  root.hidden = false;
  areas = [...list.querySelectorAll("input")].map((input) => read(input.value)).filter(Boolean);
  for (const sheet of sheets) {
    sheet.addEventListener("pointerdown", (event) => down(sheet, event));
    sheet.addEventListener("pointermove", (event) => move(sheet, event));
    sheet.addEventListener("pointerup", () => up(sheet));
    sheet.addEventListener("pointercancel", () => up(sheet));
    sheet.addEventListener("keydown", onKey);
    sheet.addEventListener("focusin", (event) => {
      const index = Number(event.target.dataset.area ?? -1);
      if (drag === null && index !== chosen && index >= 0) {
        chosen = index;
        draw();
      }
    });
  }
  root.querySelector("[data-draw-add]").addEventListener("click", add);
  buttons.undo.addEventListener("click", () => turn(past, future));
  buttons.redo.addEventListener("click", () => turn(future, past));
  root.addEventListener("keydown", onUndo);
  for (const button of pages) button.addEventListener("click", () => show(button.dataset.drawPage));
  for (const veil of root.querySelectorAll("details")) veil.addEventListener("toggle", draw);
  list.addEventListener("input", (event) => {
    const found = read(event.target.value), index = Number(event.target.dataset.area);
    if (found === null) return;
    remember();
    areas[index] = found;
    draw();
  });
  list.addEventListener("click", (event) => {
    if (event.target.dataset.remove !== undefined) remove(Number(event.target.dataset.remove));
  });
  window.addEventListener("resize", draw);
  draw();
}

if (root !== null) begin();
