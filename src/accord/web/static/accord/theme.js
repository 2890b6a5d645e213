/* Applies the reader's colours and density before the first paint, and keeps the choices.
   The server draws them into the page from the same cookie; without a script a button keeps them. */
(function () {
  "use strict";
  var root = document.documentElement;
  var YEAR_S = 31536000;
  var allowed = {
    theme: ["auto", "light", "dark", "contrast"],
    density: ["comfortable", "compact", "dense"],
  };
  root.classList.add("js");
  var kept = /(?:^|; )accord_look=([a-z]+)\.([a-z]+)(?:\.([a-z]+))?/.exec(document.cookie) || [];
  Object.keys(allowed).forEach(function (name, place) {
    if (allowed[name].indexOf(kept[place + 1]) >= 0) root.setAttribute("data-" + name, kept[place + 1]);
  });
  function keep() {
    document.cookie = "accord_look=" + root.getAttribute("data-theme") + "."
      + root.getAttribute("data-density") + (kept[3] ? "." + kept[3] : "") + "; path=/; samesite=lax; max-age=" + YEAR_S;
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-kept]").forEach(function (input) {
      input.form.addEventListener("submit", function () {
        input.value = root.getAttribute("data-" + input.getAttribute("data-kept"));
      });
    });
    document.querySelectorAll("[data-setting]").forEach(function (set) {
      var name = set.getAttribute("data-setting");
      set.querySelectorAll("input").forEach(function (input) {
        input.checked = input.value === root.getAttribute("data-" + name);
      });
      set.addEventListener("change", function (event) {
        root.setAttribute("data-" + name, event.target.value);
        keep();
      });
    });
  });
})();
