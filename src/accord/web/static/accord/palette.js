/* Ctrl-K: a filter over pages, actions and contexts that the server wrote into the page, and over
   recent records, which are asked for when it is first opened: the server returns what is open now. */
import { says } from "./says.js";

const palette = document.getElementById("palette");

function setUp() {
  const input = palette.querySelector("[data-palette]");
  const list = palette.querySelector("[role=listbox]");
  const none = palette.querySelector("[data-palette-none]");
  const options = () => [...list.querySelectorAll("[role=option]")];
  let shown = options();

  function choose(item) {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === item)));
    if (item === undefined) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = options().filter((item) => words.every((word) => item.dataset.text.includes(word)));
    options().forEach((item) => { item.hidden = !shown.includes(item); });
    none.hidden = shown.length > 0;
    choose(shown[0]);
  }

  function move(by) {
    const here = shown.findIndex((item) => item.getAttribute("aria-selected") === "true");
    choose(shown[(here + by + shown.length) % shown.length]);
  }

  function open(item) {
    if (item !== undefined) window.location.assign(item.dataset.href);
  }

  function option(link, place) {
    const item = document.createElement("li");
    const texts = { group: says("Recent"), label: link.textContent.trim(), detail: link.dataset.recentRecord };
    item.className = "palette__item";
    item.id = `palette-recent-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.href = link.getAttribute("href");
    item.dataset.text = Object.values(texts).join(" ").toLowerCase();
    for (const [part, text] of Object.entries(texts)) {
      const span = document.createElement("span");
      span.className = `palette__${part}`;
      span.textContent = text;
      item.append(span);
    }
    return item;
  }

  async function fetchRecent() {
    const address = palette.dataset.recent;
    delete palette.dataset.recent;
    if (address === undefined) return;
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.append(...[...page.querySelectorAll("[data-recent-record]")].map(option));
    } catch (failed) {
      return; // the pages and actions are there without it
    }
    filter();
  }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter") open(shown.find((i) => i.getAttribute("aria-selected") === "true"));
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => open(event.target.closest("[role=option]") ?? undefined));

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (palette.open) palette.close();
    else palette.showModal();
  });
  new MutationObserver(() => {
    if (palette.open) {
      input.value = "";
      filter();
      input.focus();
      fetchRecent();
    }
  }).observe(palette, { attributes: true, attributeFilter: ["open"] });
}

if (palette !== null) setUp();
