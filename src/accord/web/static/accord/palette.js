/* Ctrl-K: a filter over the destinations that the server wrote into the page. */
const palette = document.getElementById("palette");

function setUp() {
  const input = palette.querySelector("[data-palette]");
  const none = palette.querySelector("[data-palette-none]");
  const items = [...palette.querySelectorAll("[role=option]")];
  let shown = items;

  function choose(item) {
    items.forEach((other) => other.setAttribute("aria-selected", String(other === item)));
    if (item === undefined) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = items.filter((item) => words.every((word) => item.dataset.text.includes(word)));
    items.forEach((item) => { item.hidden = !shown.includes(item); });
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

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter") open(shown.find((i) => i.getAttribute("aria-selected") === "true"));
    else return;
    event.preventDefault();
  });
  items.forEach((item) => item.addEventListener("click", () => open(item)));

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (palette.open) palette.close();
    else palette.showModal();
  });
  new MutationObserver(() => {
    if (palette.open && document.activeElement !== input) {
      input.value = "";
      filter();
      input.focus();
    }
  }).observe(palette, { attributes: true, attributeFilter: ["open"] });
}

if (palette !== null) setUp();
