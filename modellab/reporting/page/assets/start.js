// The address says which view is shown: `#view`, `#questions?filters` or `#question=ID`.

const views = [...document.querySelectorAll("section.view")];
const links = [...document.querySelectorAll("nav a")];
let matrix = null;

function route() {
  const hash = location.hash.slice(1);
  if (hash === "main") return document.getElementById("main").focus();
  const name = hash.split(/[=?&]/)[0];
  const view = views.find((one) => one.id === name) || views[0];
  const parameters = new URLSearchParams(hash.startsWith("question=") ? hash : hash.split("?")[1] || "");
  views.forEach((one) => { one.hidden = one !== view; });
  links.forEach((link) => {
    const here = link.hash === "#" + view.id;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here) link.scrollIntoView({ block: "nearest", inline: "center" });
  });
  const title = view.querySelector("h2").textContent;
  document.title = title + " - " + document.querySelector("h1").textContent + " - Model Lab";
  scrollTo(0, 0);
  if (view.id === "questions" || view.id === "question") return live(view.id, parameters);
}

async function live(name, parameters) {
  const place = document.getElementById("live-" + name);
  try {
    const data = await block("matrix");
    matrix = matrix || new Matrix(data, document.getElementById("live-questions"));
    if (name === "questions") matrix.show(parameters);
    else await showQuestion(data, matrix.found || [], parameters, place);
  } catch (error) {
    place.replaceChildren(el("p", { class: "text bad" }, error.message));
  }
}

/** On paper nothing can be opened: what is closed is opened, and closed again. */
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("section.view:not([hidden]) details:not([open])")];
  opened.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); });

document.querySelectorAll("figure.table table").forEach(equip);
addEventListener("hashchange", route);
route();
