// Questions: all of them against all systems, with filters. The address holds the filters.

const PAGE = 50;
const MOST_COLUMNS = 24;
const NAMES = { r: "right", w: "wrong", d: "declined", h: "hallucinated", f: "failed", m: "missing", a: "answered", " ": "no row" };
const SIGNS = { r: "\u2713", w: "\u2717", d: "\u2013", h: "\u2717\u2717", f: "!", m: "!", " ": "!" };
const OUTCOMES = {
  "": "any", right: "all right", "not-right": "at least one not right", "none-right": "none right",
  wrong: "wrong", declined: "declined (abstained, though there is an answer)",
  hallucinated: "hallucinated (answered, though there is none)", failed: "failed (no answer came, or none could be read)",
  missing: "missing (no row)", disagree: "systems disagree",
};
const ORDERS = { "": "as in the file", hard: "hardest first", easy: "easiest first", split: "most disagreement first" };
const UNGRADED = new Set(["right", "not-right", "none-right", "wrong"]);

class Matrix {
  constructor(data, place) {
    this.data = data;
    this.page = 0;
    this.tagged = data.tags.some((tags) => tags.length);
    this.lower = data.ids.map((id, row) => (id + " " + data.texts[row]).toLowerCase());
    this.filters = {};
    this.status = el("p", { class: "status", role: "status" });
    this.table = el("div");
    place.replaceChildren(this.form(), this.status, this.table);
  }

  form() {
    const systems = this.data.systems;
    const every = (key) => [["", "all"], ...[...new Set(systems.map((s) => s[key]))].map((name) => [name, name])];
    const tags = [...new Set(this.data.tags.flat())].sort();
    const outcomes = Object.entries(OUTCOMES).filter(([name]) => this.data.graded || !UNGRADED.has(name));
    this.fields = {
      text: el("input", { type: "search", placeholder: "id or words" }),
      model: this.select(every("model")),
      retriever: this.select(every("retriever")),
      outcome: this.select(outcomes),
      tag: this.select([["", "all"], ...tags.map((tag) => [tag, tag])]),
      order: this.select(Object.entries(ORDERS)),
    };
    for (const field of Object.values(this.fields)) field.addEventListener("input", () => this.changed());
    const labels = { text: "Search", model: "Model", retriever: "Retriever", outcome: "Outcome", tag: "Tag", order: "Order" };
    const shown = Object.entries(this.fields).filter(([name]) => this.tagged || name !== "tag");
    const parts = shown.map(([name, field]) => el("label", {}, labels[name], field));
    const save = el("button", { type: "button", onclick: () => download("questions.csv", csv(this.asRows())) }, "CSV");
    const clear = el("button", { type: "button", onclick: () => { location.hash = "#questions"; } }, "Clear");
    return el("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, parts, clear, save);
  }

  select(options) {
    return el("select", {}, options.map(([value, text]) => el("option", { value }, text)));
  }

  /** Filters from the address: `system` is a model with its retriever. */
  show(parameters) {
    const wanted = Object.fromEntries(parameters);
    const system = this.data.systems.find((one) => one.name === wanted.system);
    if (system) Object.assign(wanted, { model: system.model, retriever: system.retriever });
    for (const [name, field] of Object.entries(this.fields)) field.value = wanted[name] || "";
    this.page = 0;
    this.draw();
  }

  changed() {
    this.page = 0;
    const set = Object.entries(this.fields).filter(([, field]) => field.value);
    const query = new URLSearchParams(set.map(([name, field]) => [name, field.value]));
    history.replaceState(null, "", "#questions" + (set.length ? "?" + query : ""));
    this.draw();
  }

  systems() {
    const { model, retriever } = this.fields;
    return this.data.systems.filter(
      (system) => (!model.value || system.model === model.value) && (!retriever.value || system.retriever === retriever.value),
    );
  }

  rows(systems) {
    const words = this.fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const tag = this.fields.tag.value;
    const outcome = this.fields.outcome.value;
    const found = [];
    for (let row = 0; row < this.lower.length; row++) {
      if (words.length && !words.every((word) => this.lower[row].includes(word))) continue;
      if (tag && !this.data.tags[row].includes(tag)) continue;
      if (outcome && !this.fits(outcome, systems, row)) continue;
      found.push(row);
    }
    return this.ordered(found, systems);
  }

  fits(outcome, systems, row) {
    const marks = this.marks(systems, row);
    if (outcome === "right") return marks.length > 0 && marks.every((mark) => mark === 1);
    if (outcome === "not-right") return marks.some((mark) => mark < 1);
    if (outcome === "none-right") return marks.length > 0 && marks.every((mark) => mark === 0);
    if (outcome === "disagree") return marks.length > 0 && Math.max(...marks) !== Math.min(...marks);
    return systems.some((system) => letters(system, row).includes(outcome[0]));
  }

  marks(systems, row) {
    return systems.map((system) => system.marks[row]).filter((mark) => mark !== null);
  }

  mean(systems, row) {
    const marks = this.marks(systems, row);
    return marks.length ? marks.reduce((sum, mark) => sum + mark, 0) / marks.length : null;
  }

  ordered(rows, systems) {
    const order = this.fields.order.value;
    if (!order) return rows;
    const keys = new Map(rows.map((row) => {
      const mean = this.mean(systems, row);
      if (mean === null) return [row, 2];
      return [row, { hard: mean, easy: 1 - mean, split: Math.abs(mean - 0.5) }[order]];
    }));
    return rows.sort((one, other) => keys.get(one) - keys.get(other) || one - other);
  }

  draw() {
    const systems = this.systems();
    this.found = this.rows(systems);
    const columns = systems.slice(0, MOST_COLUMNS);
    const some = systems.length > columns.length ? " The " + columns.length + " best of " + systems.length + " systems have a column, contenders first; all count." : "";
    this.status.textContent = plain.format(this.found.length) + " of " + plain.format(this.lower.length) + " questions, " + systems.length + " systems." + some;
    const heads = [
      el("th", { scope: "col", class: "asked" }, "Question"),
      this.tagged ? el("th", { scope: "col", class: "tags" }, "Tags") : null,
      el("th", { scope: "col", class: "told" }, this.data.graded ? "Right" : "Mean mark"),
    ];
    heads.push(...columns.map((system) => el("th", { scope: "col", class: "system" }, el("bdi", {}, system.model), el("br"), el("bdi", {}, system.name === system.model ? "" : "@" + system.retriever), system.control ? el("small", {}, " (control)") : null)));
    const shown = this.found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    const body = el("tbody", {}, shown.map((row) => this.row(row, systems, columns)));
    const table = el("table", { class: "matrix" }, el("caption", { class: "sr" }, "Questions and systems"), el("thead", {}, el("tr", {}, heads)), body);
    table.style.setProperty("--systems", columns.length);
    this.table.replaceChildren(
      this.pager(),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Questions and systems" }, table),
    );
  }

  row(row, systems, columns) {
    const { ids, texts, tags, graded } = this.data;
    const marks = this.marks(systems, row);
    const right = marks.filter((mark) => mark === 1).length;
    const mean = this.mean(systems, row);
    const told = graded ? right + "/" + marks.length : mean === null ? "\u2013" : plain.format(mean);
    const link = el("a", { href: questionAddress(ids[row]) }, el("bdi", {}, ids[row]));
    return el("tr", {},
      el("td", { class: "asked", dir: "auto" }, link, " ", el("span", { class: "words" }, texts[row])),
      this.tagged ? el("td", { class: "tags" }, tags[row].map((tag) => el("span", { class: "tag" }, tag))) : null,
      el("td", { class: "number" }, told),
      columns.map((system) => this.cell(system, row)));
  }

  cell(system, row) {
    const mark = system.marks[row];
    const found = letters(system, row);
    const numbered = found.length > 1 || found === "a";
    const kind = "fm ".includes(found) ? "none" : found === "r" ? "right" : found === "a" ? "" : "wrong";
    const number = mark === null ? "\u00b7" : plain.format(mark);
    const told = system.name + ": " + named(system, row) + (numbered && mark !== null ? ", " + number : "");
    const sign = numbered ? number : SIGNS[found];
    const look = kind + (found === "d" ? " declined" : found === "h" ? " hallucinated" : "");
    return el("td", { class: "mark" },
      el("a", { class: look, href: questionAddress(this.data.ids[row], system.name), title: told, "aria-label": told }, sign));
  }

  pager() {
    const pages = Math.max(1, Math.ceil(this.found.length / PAGE));
    const to = (page) => () => { this.page = page; this.draw(); this.table.querySelector(".scroll").focus(); };
    return el("div", { class: "pager" },
      el("button", { type: "button", disabled: this.page === 0, onclick: to(this.page - 1) }, "Before"),
      el("span", {}, "page " + (this.page + 1) + " of " + pages),
      el("button", { type: "button", disabled: this.page + 1 >= pages, onclick: to(this.page + 1) }, "Next"),
      el("span", { class: "status" }, "\u2713 right, \u2717 wrong, \u2717\u2717 hallucinated, \u2013 declined, ! no answer"));
  }

  asRows() {
    const systems = this.systems();
    const told = (system, row) => [system.marks[row] === null ? "" : system.marks[row], named(system, row)];
    const head = ["id", "question", "tags", ...systems.flatMap((system) => [system.name, system.name + " outcome"])];
    const body = this.found.map((row) => [
      this.data.ids[row], this.data.texts[row], this.data.tags[row].join("; "), ...systems.flatMap((system) => told(system, row)),
    ]);
    return [head, ...body];
  }
}

/** The letters of all outcomes of the repeats. */
function letters(system, row) {
  return system.mixed[row] || system.outcomes[row];
}

function named(system, row) {
  return [...letters(system, row)].map((letter) => NAMES[letter]).join(" or ");
}

function questionAddress(id, system) {
  return "#question=" + encodeURIComponent(id) + (system ? "&system=" + encodeURIComponent(system) : "");
}
