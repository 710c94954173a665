// One question: its true answer, passages, and the prompt, answer and scores of each system.

/** Show the question in the address, with links to its neighbours in the filtered list. */
async function showQuestion(data, list, parameters, place) {
  const id = parameters.get("question");
  const row = data.ids.indexOf(id);
  if (row < 0) throw new Error(id ? "There is no question " + id + " here." : "No question was chosen: see the tab Questions.");
  place.replaceChildren(el("p", { class: "status", role: "status" }, "Reading ..."));
  const part = data.parts[row];
  const pages = await block("questions-" + String(part).padStart(4, "0"));
  const page = pages[row - data.parts.indexOf(part)];
  const chosen = [parameters.get("system"), parameters.get("other")].filter(Boolean);
  if (!list.found.length && chosen.length) list.fields.system.value = chosen[0];
  place.replaceChildren(...questionParts(data, page, row, list, chosen));
}

function questionParts(data, page, row, list, chosen) {
  const above = page.answers.filter((answer) => chosen.includes(answer.system));
  return [
    stepper(data, row, list, chosen),
    el("h2", { tabindex: "-1" }, "Question ", el("bdi", {}, data.ids[row])),
    el("p", { class: "question", dir: "auto" }, data.texts[row]),
    el("p", {}, data.tags[row].map((tag) => el("a", { class: "tag", href: "#questions?tag=" + encodeURIComponent(tag) }, tag))),
    pairs("True answer", page.truth),
    ...above.map((answer) => answerDetails(page, answer, true)),
    pairs("Extra input given to the model", page.given),
    pairs("Source documents", [
      ["documents", page.references.join(", ") || "none: the documents do not answer it"],
      ...(page.relevant.length ? [["chunks", page.relevant.join(", ")]] : []),
      ...(page.images.length ? [["pictures", page.images.join(", ")]] : []),
      ...(page.source ? [["read from", page.source]] : []),
    ]),
    el("h3", {}, "All answers"),
    ...groups(page, chosen),
    el("details", {}, el("summary", {}, "Scores of all answers"), answerTable(page)),
    el("h3", {}, "Passages"),
    ...page.contexts.map((context) => passages(page, context)),
  ];
}

/** Answers grouped by their text, the most frequent first. */
function groups(page, chosen) {
  const found = new Map();
  for (const answer of page.answers) {
    const key = answer.short.trim().toLowerCase();
    found.set(key, [...(found.get(key) || []), answer]);
  }
  const ordered = [...found.values()].sort((one, other) => other.length - one.length);
  return ordered.map((answers) => {
    const counts = new Map();
    for (const { outcome } of answers) counts.set(outcome, (counts.get(outcome) || 0) + 1);
    const tags = [...counts].filter(([outcome]) => outcome).map(([outcome, count]) => el("span", { class: "tag " + tone(outcome) }, count + " " + outcome));
    return el("details", { class: "group" },
      el("summary", {}, el("bdi", { class: "said" }, answers[0].short || "no answer"), " ", tags.length ? tags : el("span", { class: "tag" }, answers.length)),
      answers.map((answer) => (chosen.includes(answer.system) ? el("p", { class: "status" }, el("bdi", {}, answer.system), ": above") : answerDetails(page, answer, false))));
  });
}

function stepper(data, row, list, chosen) {
  const rows = list.found.includes(row) ? list.found : data.ids.map((_, index) => index);
  const at = rows.indexOf(row);
  const link = (to, text) => (to === undefined ? el("span", {}) : el("a", { href: questionAddress(data.ids[to], ...chosen) }, text));
  return el("p", { class: "pager" }, el("a", { class: "back", href: list.address(data.ids[row]) }, "Back to the list"), link(rows[at - 1], "Previous"),
    el("span", { class: "status" }, at + 1 + " of " + rows.length + (rows.length < data.ids.length ? " filtered questions" : " questions")),
    link(rows[at + 1], "Next"));
}

function pairs(title, items) {
  const shown = items.filter(([, value]) => value !== "");
  if (!shown.length) return el("div");
  return el("div", { class: "facts" }, el("h3", { class: "small" }, title),
    el("dl", {}, shown.map(([name, value]) => el("div", { class: String(value).length > 60 ? "long" : null }, el("dt", {}, name), el("dd", { dir: "auto" }, value)))));
}

function answerTable(page) {
  const marks = [...new Set(page.answers.flatMap((answer) => answer.marks.map(([name]) => name)))];
  const repeated = page.answers.some((answer) => answer.repeat > 1);
  const heads = ["System", ...(repeated ? ["Repeat"] : []), "Outcome", "Status", "Answer", ...marks];
  const body = page.answers.map((answer) => {
    const byName = new Map(answer.marks);
    return el("tr", {},
      el("td", {}, el("bdi", {}, answer.system)),
      repeated ? el("td", {}, answer.repeat) : null,
      el("td", { class: tone(answer.outcome) }, answer.outcome || "\u2013"),
      el("td", { class: answer.status === "answered" ? "" : "warn" }, answer.status),
      el("td", { dir: "auto" }, answer.short),
      marks.map((name) => el("td", { class: "number" }, byName.has(name) ? plain.format(byName.get(name)) : "\u2013")));
  });
  const table = el("table", { "data-name": "Answers" }, el("caption", { class: "sr" }, "Answers and marks"),
    el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text.replaceAll("_", " "))))), el("tbody", {}, body));
  const figure = el("figure", { class: "table" }, el("div", { class: "tools" }),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers and marks" }, table));
  equip(table);
  return figure;
}

function tone(outcome) {
  return outcome === "right" ? "good" : outcome ? "bad" : "";
}

function answerDetails(page, answer, open) {
  const text = (place) => (place === null ? null : page.texts[place]);
  const prompt = text(answer.prompt);
  const raw = text(answer.raw);
  const repeat = answer.repeat > 1 ? ", repeat " + answer.repeat : "";
  return el("details", { class: "answer", open, "data-system": answer.system },
    el("summary", {}, el("bdi", {}, answer.system), repeat + ": " + answer.status + " ", answer.outcome ? el("span", { class: "tag " + tone(answer.outcome) }, answer.outcome) : null, answer.marks.map(([name, mark]) => el("span", { class: "tag" }, name.replaceAll("_", " ") + " " + plain.format(mark)))),
    answer.error ? el("p", { class: "text bad" }, answer.error) : null,
    pairs("Parsed answer", answer.answer),
    el("h3", { class: "small" }, "Raw output"),
    raw === null ? el("p", { class: "status" }, "There is none.") : el("pre", { dir: "auto" }, raw),
    answer.judged.length ? el("h3", { class: "small" }, "Judges") : null,
    answer.judged.map(judged),
    el("h3", { class: "small" }, "Prompt"),
    prompt === null ? el("p", { class: "status" }, answer.why || "Its passages are no longer those of the contexts.") : el("details", {}, el("summary", {}, "What the model read"), el("pre", { dir: "auto" }, prompt)),
    pairs("Resource usage", answer.resource_usage.map(([name, value]) => [name.replaceAll("_", " "), typeof value === "number" ? plain.format(value) : value])));
}

function judged(one) {
  const verdict = one.value === null ? one.state + (one.reason ? " (" + one.reason + ")" : "") : plain.format(one.value);
  const against = one.other ? " against " + one.other : "";
  return el("p", { class: "text", dir: "auto" }, el("strong", {}, one.judge + ", " + one.metric + against + ": " + verdict), " ", one.comment || one.detail || "");
}

/** The passages of a retriever, with the references and the systems that cite them. */
function passages(page, context) {
  const answers = page.answers.filter((answer) => answer.retriever === context.retriever);
  const right = context.passages.filter((passage) => passage.reference).length;
  const title = context.retriever + ": " + context.passages.length + " passages, " + right + " from a source document";
  return el("details", {}, el("summary", {}, title), context.passages.map((passage) => {
    const citing = answers.filter((answer) => answer.cited.includes(passage.document) || answer.cited.includes(passage.chunk));
    const extra_k = context.shown !== null && passage.rank > context.shown;
    const where = [passage.title, passage.place, passage.year, passage.chunk, "score " + plain.format(passage.score)].filter(Boolean).join(" \u00b7 ");
    return el("div", { class: "passage" + (passage.reference ? " reference" : "") + (citing.length ? " cited" : "") },
      el("p", { class: "where", dir: "auto" }, passage.rank + ". " + where),
      el("p", {}, passage.reference ? el("span", { class: "tag good" }, "reference") : null,
        extra_k ? el("span", { class: "tag" }, "in extra_k") : null,
        citing.length ? el("span", { class: "tag warn" }, "cited by " + citing.map((answer) => answer.system).join(", ")) : null),
      el("p", { dir: "auto" }, page.texts[passage.text]));
  }));
}
