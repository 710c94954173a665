// Questions as a list (true answer beside one or two systems' answers) or as a matrix of all
// systems. The address holds filters, page and columns.

const PAGE = 50;
const MOST_COLUMNS = 24;
const NAMES = { r: "right", w: "wrong", d: "declined", h: "hallucinated", f: "failed", m: "missing", a: "answered", " ": "no row" };
const SIGNS = { r: "\u2713", w: "\u2717", d: "\u2013", h: "\u2717\u2717", f: "!", m: "!", " ": "!" };
const OUTCOMES = {
  "": "any", right: "right", "not-right": "not right", wrong: "wrong",
  declined: "declined (abstained, though there is an answer)",
  hallucinated: "hallucinated (answered, though there is none)", failed: "failed (no readable answer)",
  missing: "missing (no row)", disagree: "systems disagree", "none-right": "no system right",
};
const ORDERS = { "": "as in the file", hard: "hardest first", easy: "easiest first", split: "most disagreement first" };
const UNGRADED = new Set(["right", "not-right", "none-right", "wrong"]);
const COLUMNS = { tags: "Tags", truth: "True answer", answer: "Answer", outcome: "Outcome", share: "Systems right" };

class Questions {
  constructor(data, place) {
    this.data = data;
    this.page = 0;
    this.found = [];
    this.hidden = new Set();
    this.tagged = data.tags.some((tags) => tags.length);
    this.lower = data.ids.map((id, row) => (id + " " + data.texts[row]).toLowerCase());
    this.status = el("p", { class: "status", role: "status" });
    this.table = el("div");
    this.chooser = el("details", { class: "chooser" });
    place.replaceChildren(this.form(), this.chooser, this.status, this.table);
  }

  form() {
    const names = this.data.systems.map((system) => [system.name, system.name + (system.control ? " (control)" : "")]);
    const tags = [...new Set(this.data.tags.flat())].sort();
    const outcomes = Object.entries(OUTCOMES).filter(([name]) => this.data.graded || !UNGRADED.has(name));
    this.fields = {
      view: this.select([["", "list"], ["matrix", "matrix of all systems"]]),
      system: this.select(names),
      other: this.select([["", "none"], ...names]),
      outcome: this.select(outcomes),
      text: el("input", { type: "search", placeholder: "id or words" }),
      tag: this.select([["", "all"], ...tags.map((tag) => [tag, tag])]),
      order: this.select(Object.entries(ORDERS)),
    };
    for (const field of Object.values(this.fields)) field.addEventListener("input", () => this.changed());
    const labels = { view: "Show as", system: "System", other: "Compare with", outcome: "Outcome", text: "Search", tag: "Tag", order: "Order" };
    const shown = Object.entries(this.fields).filter(([name]) => this.tagged || name !== "tag");
    const parts = shown.map(([name, field]) => el("label", {}, labels[name], field));
    const save = el("button", { type: "button", onclick: async () => download("questions.csv", csv(await this.asRows())) }, "CSV");
    const clear = el("button", { type: "button", onclick: () => { location.hash = "#questions"; } }, "Clear");
    return el("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, parts, clear, save);
  }

  select(options) {
    return el("select", {}, options.map(([value, text]) => el("option", { value }, text)));
  }

  async show(parameters) {
    const names = this.data.systems.map((system) => system.name);
    const unknown = ["system", "other"].map((key) => parameters.get(key)).filter((name) => name && !names.includes(name));
    for (const [name, field] of Object.entries(this.fields)) field.value = parameters.get(name) || "";
    if (!this.fields.system.value) this.fields.system.value = names[0];
    if (this.fields.other.selectedIndex < 0) this.fields.other.value = "";
    this.hidden = new Set((parameters.get("hide") || "").split("|").filter(Boolean));
    this.page = Math.max(0, Number(parameters.get("page") || 1) - 1);
    await this.draw();
    if (unknown.length) this.status.prepend("There is no system " + unknown.join(", ") + ". ");
    const at = parameters.get("at");
    return at && [...this.table.querySelectorAll("tr")].find((row) => row.dataset.id === at);
  }

  /** The address of this list with its filters; `at` is a question to scroll to. */
  address(at) {
    const set = Object.entries(this.fields).filter(([, field]) => field.value).map(([name, field]) => [name, field.value]);
    if (this.page) set.push(["page", this.page + 1]);
    if (this.hidden.size) set.push(["hide", [...this.hidden].join("|")]);
    if (at) set.push(["at", at]);
    return "#questions?" + new URLSearchParams(set);
  }

  changed(page = 0) {
    this.page = page;
    history.replaceState(null, "", this.address());
    return this.draw();
  }

  get listed() { return this.fields.view.value !== "matrix"; }

  /** The systems that the filters apply to. */
  systems() {
    if (!this.listed) return this.data.systems.filter((system) => !this.hidden.has(system.name));
    const names = [this.fields.system.value, this.fields.other.value];
    return this.data.systems.filter((system) => names.includes(system.name)).sort((one, two) => names.indexOf(one.name) - names.indexOf(two.name));
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
    return this.ordered(found);
  }

  fits(outcome, systems, row) {
    const marks = this.marks(systems, row);
    if (outcome === "right") return marks.length > 0 && marks.every((mark) => mark === 1);
    if (outcome === "not-right") return !marks.length || marks.some((mark) => mark < 1);
    const all = this.marks(this.data.systems, row);
    if (outcome === "none-right") return all.length > 0 && all.every((mark) => mark === 0);
    if (outcome === "disagree") {
      const compared = systems.length > 1 ? marks : all;
      return compared.length > 0 && Math.max(...compared) !== Math.min(...compared);
    }
    return systems.some((system) => letters(system, row).includes(outcome[0]));
  }

  marks(systems, row) {
    return systems.map((system) => system.marks[row]).filter((mark) => mark !== null);
  }

  mean(row) {
    const marks = this.marks(this.data.systems, row);
    return marks.length ? marks.reduce((sum, mark) => sum + mark, 0) / marks.length : null;
  }

  ordered(rows) {
    const order = this.fields.order.value;
    if (!order) return rows;
    const keys = new Map(rows.map((row) => {
      const mean = this.mean(row);
      if (mean === null) return [row, 2];
      return [row, { hard: mean, easy: 1 - mean, split: Math.abs(mean - 0.5) }[order]];
    }));
    return rows.sort((one, other) => keys.get(one) - keys.get(other) || one - other);
  }

  async draw() {
    const systems = this.systems();
    this.found = this.rows(systems);
    this.page = Math.min(this.page, Math.max(0, Math.ceil(this.found.length / PAGE) - 1));
    const shown = this.found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    const some = !this.listed && systems.length > MOST_COLUMNS ? " Columns: the first " + MOST_COLUMNS + " of " + systems.length + " systems; filters use all." : "";
    this.status.textContent = plain.format(this.found.length) + " of " + plain.format(this.lower.length) + " questions." + some;
    for (const name of ["system", "other"]) this.fields[name].closest("label").hidden = !this.listed;
    this.choose();
    const answers = this.listed ? await Promise.all(systems.map((system) => this.answers(system))) : [];
    this.make = (rows) => (this.listed ? this.list(systems, answers, rows) : this.matrix(systems.slice(0, MOST_COLUMNS), rows));
    this.table.replaceChildren(
      this.pager(),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Questions and answers" }, this.make(shown)),
    );
  }

  answers(system) {
    return block("answers-" + String(this.data.systems.indexOf(system)).padStart(4, "0"));
  }

  /** Print all pages. */
  unfold() {
    if (this.make) this.table.querySelector(".scroll").replaceChildren(this.make(this.found));
  }

  /** Check boxes of the columns. */
  choose() {
    const names = this.listed ? Object.keys(COLUMNS).filter((name) => this.tagged || name !== "tags") : this.data.systems.map((system) => system.name);
    const boxes = names.map((name) => el("label", {}, el("input", { type: "checkbox", checked: !this.hidden.has(name), oninput: (event) => {
      if (event.target.checked) this.hidden.delete(name); else this.hidden.add(name);
      this.changed(this.page);
    } }), this.listed ? COLUMNS[name] : name));
    if (this.chooser.contains(document.activeElement) && this.chooser.querySelectorAll("label").length === boxes.length) return;
    this.chooser.replaceChildren(el("summary", {}, "Columns"), el("div", { class: "filters" }, boxes));
  }

  list(systems, answers, shown) {
    const { ids, texts, tags, truths } = this.data;
    const has = (name) => !this.hidden.has(name) && (this.tagged || name !== "tags");
    const head = (text, kind) => el("th", { scope: "col", class: kind }, text);
    const heads = [head("Question"), has("tags") ? head("Tags", "tags") : null, has("truth") ? head("True answer") : null,
      systems.map((system) => [has("answer") ? el("th", { scope: "col" }, "Answer of ", el("bdi", {}, system.name)) : null, has("outcome") ? head("Outcome") : null]),
      has("share") ? head(this.data.graded ? "Systems right" : "Mean mark", "number") : null];
    const body = shown.map((row) => el("tr", { "data-id": ids[row] },
      el("td", { class: "asked", dir: "auto" }, this.link(row, el("bdi", {}, ids[row])), " ", el("span", { class: "words" }, texts[row])),
      has("tags") ? el("td", { class: "tags" }, tags[row].map((tag) => el("span", { class: "tag" }, tag))) : null,
      has("truth") ? el("td", { class: "answered", dir: "auto" }, truths[row]) : null,
      systems.map((system, place) => [
        has("answer") ? el("td", { class: "answered", dir: "auto" }, answers[place][row] || "\u2013") : null,
        has("outcome") ? el("td", { class: "mark" }, this.outcome(system, row, true)) : null,
      ]),
      has("share") ? el("td", { class: "number" }, this.share(this.data.systems, row)) : null));
    return el("table", { class: "list" }, el("caption", { class: "sr" }, "Questions and answers"), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
  }

  matrix(systems, shown) {
    const { ids, texts, tags, graded } = this.data;
    const heads = [
      el("th", { scope: "col", class: "asked" }, "Question"),
      this.tagged ? el("th", { scope: "col", class: "tags" }, "Tags") : null,
      el("th", { scope: "col", class: "share" }, graded ? "Right" : "Mean mark"),
      ...systems.map((system) => el("th", { scope: "col", class: "system" }, el("bdi", {}, system.model), el("br"), el("bdi", {}, system.name === system.model ? "" : "@" + system.retriever), system.control ? el("small", {}, " (control)") : null)),
    ];
    const body = shown.map((row) => el("tr", { "data-id": ids[row] },
      el("td", { class: "asked", dir: "auto" }, this.link(row, el("bdi", {}, ids[row])), " ", el("span", { class: "words" }, texts[row])),
      this.tagged ? el("td", { class: "tags" }, tags[row].map((tag) => el("span", { class: "tag" }, tag))) : null,
      el("td", { class: "number" }, this.share(this.data.systems, row)),
      systems.map((system) => el("td", { class: "mark" }, this.outcome(system, row, false)))));
    const table = el("table", { class: "matrix" }, el("caption", { class: "sr" }, "Questions and systems"), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
    table.style.setProperty("--systems", systems.length);
    return table;
  }

  link(row, text) {
    const { system, other } = this.fields;
    return el("a", { href: questionAddress(this.data.ids[row], this.listed ? system.value : "", this.listed ? other.value : "") }, text);
  }

  share(systems, row) {
    const marks = this.marks(systems, row);
    if (this.data.graded) return marks.filter((mark) => mark === 1).length + "/" + marks.length;
    const mean = this.mean(row);
    return mean === null ? "\u2013" : plain.format(mean);
  }

  /** The outcome as a sign, with its word if there is room, linked to the answer. */
  outcome(system, row, worded) {
    const mark = system.marks[row];
    const found = letters(system, row);
    const numbered = found.length > 1 || found === "a";
    const kind = "fm ".includes(found) ? "none" : found === "r" ? "right" : found === "a" ? "" : "wrong";
    const number = mark === null ? "\u00b7" : plain.format(mark);
    const label = system.name + ": " + named(system, row) + (numbered && mark !== null ? ", " + number : "");
    const sign = numbered ? number : SIGNS[found];
    const look = kind + (found === "d" ? " declined" : found === "h" ? " hallucinated" : "");
    const name = worded ? null : label;
    return el("a", { class: look, href: questionAddress(this.data.ids[row], system.name), title: name, "aria-label": name }, worded ? sign + " " + named(system, row) : sign);
  }

  pager() {
    const pages = Math.max(1, Math.ceil(this.found.length / PAGE));
    const to = (page) => async () => { await this.changed(page); this.table.querySelector(".scroll").focus(); };
    const signs = this.listed ? "" : "\u2713 right, \u2717 wrong, \u2717\u2717 hallucinated, \u2013 declined, ! no answer";
    return el("div", { class: "pager" },
      el("button", { type: "button", disabled: this.page === 0, onclick: to(this.page - 1) }, "Previous"),
      el("span", {}, "page " + (this.page + 1) + " of " + pages),
      el("button", { type: "button", disabled: this.page + 1 >= pages, onclick: to(this.page + 1) }, "Next"),
      el("span", { class: "status" }, signs));
  }

  async asRows() {
    const systems = this.systems();
    const answers = this.listed ? await Promise.all(systems.map((system) => this.answers(system))) : [];
    const cells = (system, place, row) => [...(this.listed ? [answers[place][row] || ""] : []), system.marks[row] === null ? "" : system.marks[row], named(system, row)];
    const heads = (name) => [...(this.listed ? [name + " answer"] : []), name, name + " outcome"];
    const head = ["id", "question", "tags", "true answer", ...systems.flatMap((system) => heads(system.name))];
    const body = this.found.map((row) => [
      this.data.ids[row], this.data.texts[row], this.data.tags[row].join("; "), this.data.truths[row],
      ...systems.flatMap((system, place) => cells(system, place, row)),
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

function questionAddress(id, system, other) {
  const parameter = (name, value) => (value ? "&" + name + "=" + encodeURIComponent(value) : "");
  return "#question=" + encodeURIComponent(id) + parameter("system", system) + parameter("other", other);
}
