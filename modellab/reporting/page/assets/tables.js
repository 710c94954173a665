// Tables: sorting by column, a filter, a download.

function equip(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = el("button", { type: "button", onclick: () => sortBy(table, column) }, head.textContent);
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
  });
  const tools = table.closest("figure").querySelector(".tools");
  if (body.rows.length > 5) tools.prepend(filterOf(table));
  tools.append(el("button", { type: "button", onclick: () => download(fileName(table.dataset.name), csv(shownRows(table))) }, "CSV"));
}

function sortBy(table, column) {
  const heads = [...table.tHead.rows[0].cells];
  const head = heads[column];
  const before = head.getAttribute("aria-sort");
  const descending = before === "none" ? head.classList.contains("number") && column > 0 : before === "ascending";
  heads.forEach((other) => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [sortKey(row.cells[column]), row]);
  rows.sort(([one], [other]) => compare(one, other, descending ? -1 : 1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function sortKey(cell) {
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
}

/** Numbers before texts; unknown values last in both directions. */
function compare(one, other, direction) {
  const gone = (key) => key === "" || key === "\u2013";
  if (gone(one) || gone(other)) return gone(one) - gone(other);
  if (typeof one === "number" && typeof other === "number") return direction * (one - other);
  return direction * String(one).localeCompare(String(other), "en", { numeric: true });
}

function filterOf(table) {
  const label = "Filter " + table.dataset.name;
  const input = el("input", { type: "search", placeholder: "filter", "aria-label": label });
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  return input;
}

function shownRows(table) {
  const texts = (row) => [...row.cells].map((cell) => cell.textContent.trim().replace(/\s+/g, " "));
  return [texts(table.tHead.rows[0]), ...[...table.tBodies[0].rows].filter((row) => !row.hidden).map(texts)];
}
