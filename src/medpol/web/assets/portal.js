// Nothing here is needed to read: it remembers the compact view, and opens folded parts for print.
(function () {
  "use strict";
  var box = document.getElementById("compact");
  if (box) {
    try { box.checked = localStorage.getItem("compact") === "1"; } catch (e) { /* storage is closed: it is not remembered */ }
    box.addEventListener("change", function () {
      try { localStorage.setItem("compact", box.checked ? "1" : "0"); } catch (e) { /* as above */ }
    });
  }
  var redline = document.getElementById("redline");
  var keys = document.getElementById("change-keys");
  if (redline && keys) {
    keys.parentElement.hidden = false;
    redline.addEventListener("keydown", function (event) {
      if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey || (event.key !== "j" && event.key !== "k")) { return; }
      var changes = Array.prototype.slice.call(redline.querySelectorAll("[data-change]"));
      var next = changes[changes.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    });
  }
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (each) { each.open = false; }); });
  document.addEventListener("keydown", function (event) {
    var search = document.getElementById("q");
    var at = document.activeElement;
    if (event.key === "/" && search && !(at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) {
      event.preventDefault();
      search.focus();
    }
  });
})();
