// Nothing here is needed to read, to ask or to answer: every form and link works without it.
(function () {
  "use strict";

  function all(words, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(words)); }

  // The compact view is remembered; where storage is closed, it is not.
  function recall() {
    var box = document.getElementById("compact");
    try { if (box) { box.checked = localStorage.getItem("compact") === "1"; } } catch (e) { /* closed */ }
  }
  document.addEventListener("change", function (event) {
    if (event.target.id !== "compact") { return; }
    try { localStorage.setItem("compact", event.target.checked ? "1" : "0"); } catch (e) { /* closed */ }
  });

  // What was swapped in has its title, is announced, and has the focus at its result; a page without one, at its days.
  document.addEventListener("htmx:afterSettle", function (event) {
    var into = event.target;
    if (into.id === "q-hints") { showHints(into); return; }
    if (into.id !== "page" && into.id !== "step") { return; }
    document.title = into.dataset.title || document.title;
    dress();
    var result = into.querySelector("[data-result]") || into.querySelector("[data-days]");
    if (!result) { return; }
    result.focus();
    document.getElementById("said").textContent = result.textContent.replace(/\s+/g, " ").trim();
  });
  // The server cannot be reached: the browser asks itself, and says so.
  document.addEventListener("htmx:sendError", function (event) {
    var from = event.detail.elt;
    if (from.tagName === "FORM") { from.submit(); } else if (from.href) { location.assign(from.href); }
  });

  // Hints of the search box: a list that the arrow keys go through while the focus stays where one types.
  var at = -1;
  function options() { return all("#q-hints .hint"); }
  function box() { return document.getElementById("q"); }
  function showHints(list) {
    at = -1;
    var found = options();
    found.forEach(function (each) {
      each.setAttribute("role", "option");
      each.setAttribute("aria-selected", "false");
      each.tabIndex = -1;
    });
    list.hidden = !found.length || document.activeElement !== box();
    box().setAttribute("aria-expanded", String(!list.hidden));
    box().removeAttribute("aria-activedescendant");
    document.getElementById("said").textContent = list.hidden ? "" : found.length + (found.length === 1 ? " hint" : " hints");
  }
  function closeHints() {
    var list = document.getElementById("q-hints");
    if (!list || list.hidden) { return false; }
    list.hidden = true;
    box().setAttribute("aria-expanded", "false");
    box().removeAttribute("aria-activedescendant");
    at = -1;
    return true;
  }
  function step(by) {
    var found = options();
    at += by;
    if (at < -1) { at = found.length - 1; }
    if (at >= found.length) { at = -1; } // none of them: back in the box
    found.forEach(function (each, place) { each.setAttribute("aria-selected", String(place === at)); });
    if (at < 0) { box().removeAttribute("aria-activedescendant"); return; }
    box().setAttribute("aria-activedescendant", found[at].id);
    found[at].scrollIntoView({ block: "nearest" });
  }
  // A press on a hint leaves the focus where it is, or the list would be gone before the click.
  document.addEventListener("mousedown", function (event) {
    if (event.target.closest("#q-hints")) { event.preventDefault(); }
  });
  document.addEventListener("focusout", function (event) {
    var form = event.target.closest("form.search");
    if (form && !form.contains(event.relatedTarget)) { closeHints(); }
  });

  // j and k go by change in the redline; the switch that turns them off shows only where they work.
  function allowKeys() {
    var keys = document.getElementById("change-keys");
    if (keys) { keys.parentElement.hidden = false; }
  }

  // What only works with this script is named so only by it.
  function dress() {
    recall();
    allowKeys();
    if (!box()) { return; }
    box().setAttribute("role", "combobox");
    box().setAttribute("aria-autocomplete", "list");
    box().setAttribute("aria-controls", "q-hints");
    box().setAttribute("aria-expanded", "false");
  }
  dress();

  document.addEventListener("keydown", function (event) {
    var on = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (on === box() && on) {
      var list = document.getElementById("q-hints");
      if (!list || list.hidden) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); step(event.key === "ArrowDown" ? 1 : -1); }
      if (event.key === "Escape") { event.preventDefault(); closeHints(); }
      if (event.key === "Enter" && at >= 0) { event.preventDefault(); location.assign(options()[at].href); }
      return;
    }
    if (on && /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName) && on.type !== "checkbox") { return; }
    if (event.key === "/" && box()) { event.preventDefault(); box().focus(); return; }
    var redline = on && on.closest("#redline");
    if (redline && (event.key === "j" || event.key === "k") && document.getElementById("change-keys").checked) {
      var changes = all("[data-change]", redline);
      var next = changes[changes.indexOf(on) + (event.key === "j" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });

  // On paper nothing is folded but what an answer that is to fit one page only adds.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = all("details:not([open]):not(.more)");
    folded.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (each) { each.open = false; }); });
})();
