// Tables: sorting by column, a filter, a download. DataTables sorts and searches.

const order = new Intl.Collator("en", { numeric: true }).compare;
// unknown values, which have an empty key, come last in both directions
const ordered = (direction, compare) => (one, other) =>
  one === "" || other === "" ? (one === "") - (other === "") : direction * compare(one, other);
for (const [type, compare] of [["number", (one, other) => one - other], ["text", order]]) {
  DataTable.type(type, { order: { asc: ordered(1, compare), desc: ordered(-1, compare) } });
}

function equip(table) {
  const shown = new DataTable(table, {
    autoWidth: false,
    columnDefs: [
      { targets: "number", type: "number", orderSequence: ["desc", "asc"] },
      { targets: 0, orderSequence: ["asc", "desc"] },
      { targets: "_all", type: "text", orderSequence: ["asc", "desc"] },
    ],
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    order: [],
    orderClasses: false,
    paging: false,
  });
  const tools = table.closest("figure").querySelector(".tools");
  if (table.tBodies[0].rows.length > 5) tools.prepend(filterOf(table, shown));
  tools.append(el("button", { type: "button", onclick: () => download(fileName(table.dataset.name), csv(shownRows(table, shown))) }, "CSV"));
}

function filterOf(table, shown) {
  const label = "Filter " + table.dataset.name;
  const input = el("input", { type: "search", placeholder: "filter", "aria-label": label });
  input.addEventListener("input", () => shown.search(input.value).draw());
  return input;
}

/** The texts of the rows that the filter leaves, in the order shown. */
function shownRows(table, shown) {
  const texts = (row) => [...row.cells].map((cell) => cell.textContent.trim().replace(/\s+/g, " "));
  return [table.tHead.rows[0], ...shown.rows({ search: "applied" }).nodes().toArray()].map(texts);
}
