/* What scripts say, in the page's language: a page that is not in English carries the messages.
   `{name}` stands for a value. Every message stands in accord.web.scripts too, or a test fails. */
export function says(english, values = {}) {
  const held = [...document.querySelectorAll("[data-script-says] > [data-english]")];
  const told = held.find((line) => line.dataset.english === english)?.textContent ?? english;
  return told.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}
