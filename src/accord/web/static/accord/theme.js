/* Applies the reader's colours and density before the first paint, and keeps the choices. */
(function () {
  "use strict";
  var root = document.documentElement;
  var allowed = {
    theme: ["auto", "light", "dark", "contrast"],
    density: ["compact", "regular", "roomy"],
  };
  function read(name) {
    try {
      var value = window.localStorage.getItem("accord." + name);
      return allowed[name].indexOf(value) >= 0 ? value : null;
    } catch (blocked) {
      return null; // storage is switched off: the page's own default holds
    }
  }
  function write(name, value) {
    root.setAttribute("data-" + name, value);
    try {
      window.localStorage.setItem("accord." + name, value);
    } catch (blocked) {
      return; // the choice lasts for this page only
    }
  }
  root.classList.add("js");
  Object.keys(allowed).forEach(function (name) {
    var value = read(name);
    if (value) root.setAttribute("data-" + name, value);
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-setting]").forEach(function (set) {
      var name = set.getAttribute("data-setting");
      set.querySelectorAll("input").forEach(function (input) {
        input.checked = input.value === root.getAttribute("data-" + name);
      });
      set.addEventListener("change", function (event) {
        write(name, event.target.value);
      });
    });
  });
})();
