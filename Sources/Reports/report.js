"use strict";
// The page says all without this: values under the pointer, and tables that sort and filter, are comforts.
(function () {
  // Each mark of a chart has its value as a title; a browser's own tooltip comes late, and not on touch.
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.appendChild(tip);
  document.querySelectorAll("svg g > title").forEach(function (title) {
    title.parentNode.setAttribute("data-value", title.textContent);
    title.remove();
  });
  function show(event) {
    var mark = event.target.closest ? event.target.closest("[data-value]") : null;
    tip.hidden = !mark;
    if (!mark) { return; }
    tip.textContent = mark.getAttribute("data-value");
    var room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, room)) + "px";
    var above = event.clientY - tip.offsetHeight - 10;
    tip.style.top = (above > 0 ? above : event.clientY + 18) + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, true);

  // A cell's number, or where it has none its text; what is missing or undefined stands last in both orders.
  function value(row, column) {
    var cell = row.cells[column];
    if (!cell) { return null; }
    var text = cell.classList.contains("number") ? cell.firstChild : cell;
    text = (text ? text.textContent : "").trim();
    if (["", "–", "undefined", "n/a"].includes(text)) { return null; }
    var number = parseFloat(text);
    return isNaN(number) ? text : number;
  }
  function compare(one, other, sign) {
    if (one === null) { return other === null ? 0 : 1; }
    if (other === null) { return -1; }
    var areNumbers = typeof one === "number" ? typeof other === "number" : false;
    return sign * (areNumbers ? one - other : String(one).localeCompare(String(other), "en", { numeric: true }));
  }
  function sortable(table) {
    var body = table.tBodies[0];
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var first = head.classList.contains("number") ? "descending" : "ascending";
        var order = head.getAttribute("aria-sort");
        order = order === null ? first : order === "ascending" ? "descending" : "ascending";
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", order);
        var sign = order === "ascending" ? 1 : -1;
        Array.from(body.rows).sort(function (one, other) {
          return compare(value(one, column), value(other, column), sign);
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  }
  function filterable(table) {
    var rows = Array.from(table.tBodies[0].rows);
    var label = document.createElement("label");
    var input = document.createElement("input");
    var count = document.createElement("output");
    label.className = "filter";
    input.type = "search";
    input.placeholder = "all of these words";
    label.append("show rows with ", input, count);
    table.parentNode.parentNode.insertBefore(label, table.parentNode);
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/);
      var shown = rows.filter(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.includes(word); });
        return !row.hidden;
      });
      count.textContent = " " + shown.length + " of " + rows.length;
    });
  }
  document.querySelectorAll("table").forEach(function (table) {
    // Rows of several bodies belong together.
    if (table.tBodies.length !== 1 ? true : !table.tHead) { return; }
    var rows = table.tBodies[0].rows.length;
    if (rows > 1) { sortable(table); }
    if (rows > 9) { filterable(table); }
  });
})();
