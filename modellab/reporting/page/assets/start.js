// What is shown is in the address: `#tab`, `#questions?filters` or `#question=ID`.

const views = [...document.querySelectorAll("section.view")];
const links = [...document.querySelectorAll("nav a")];
let questions = null;

/** Show the view in the address; `moved`: the reader followed a link in the page. */
async function route(moved) {
  const hash = location.hash.slice(1);
  const name = hash.split(/[=?&]/)[0];
  const view = views.find((one) => one.id === name) || views[0];
  const parameters = new URLSearchParams(hash.startsWith("question=") ? hash : hash.split("?")[1] || "");
  views.forEach((one) => { one.hidden = one !== view; });
  links.forEach((link) => {
    const here = link.hash === "#" + (view.id === "question" ? "questions" : view.id);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here) link.scrollIntoView({ block: "nearest", inline: "center" });
  });
  const live = view.id === "questions" || view.id === "question";
  const wanted = live ? await fill(view.id, parameters) : null;
  const heading = view.querySelector("h2");
  if (!heading) return;
  document.title = heading.textContent + " - " + document.querySelector("h1").textContent + " - Model Lab";
  if (moved) (wanted ? wanted.querySelector("a") : heading).focus({ preventScroll: true });
  const place = history.state && history.state.y;
  if (wanted) wanted.scrollIntoView({ block: "center" });
  else scrollTo(0, place || 0);
}

async function fill(name, parameters) {
  const place = document.getElementById("live-" + name);
  try {
    const data = await block("matrix");
    questions = questions || new Questions(data, document.getElementById("live-questions"));
    if (name === "questions") return await questions.show(parameters);
    await showQuestion(data, questions, parameters, place);
  } catch (error) {
    place.replaceChildren(el("h2", { tabindex: "-1" }, "Nothing to show"), el("p", { class: "text bad" }, error.message));
  }
  return null;
}

/** Remember the scroll position, so that "back" returns to it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[href^='#']");
  if (!link) return;
  if (link.classList.contains("skip")) {
    event.preventDefault();
    document.getElementById("main").focus();
  } else {
    history.replaceState({ y: scrollY }, "");
  }
}, true);

/** Open everything for printing. */
let opened = [];
addEventListener("beforeprint", () => {
  if (questions) questions.unfold();
  opened = [...document.querySelectorAll("section.view:not([hidden]) details:not([open])")];
  opened.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => {
  opened.forEach((one) => { one.open = false; });
  if (questions) questions.draw();
});

history.scrollRestoration = "manual";
// a table is equipped when it comes into sight: a page has many, some with thousands of rows
const unseen = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
    unseen.unobserve(target);
    equip(target);
  }
});
document.querySelectorAll("figure.table table").forEach((table) => unseen.observe(table));
addEventListener("hashchange", () => route(true));
route(false);
