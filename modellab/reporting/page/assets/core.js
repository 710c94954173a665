"use strict";
// Everything that comes from results is set as text, never as HTML.

/** A new element; children are elements or texts. `on...` attributes are functions. */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Blocks of data by name, loaded when first used. */
const loaded = new Map();
const waiting = new Map();

/** A block of data, from the page or from a file beside it. */
function block(name) {
  if (!loaded.has(name)) {
    const inside = document.getElementById("data-" + name);
    loaded.set(name, inside ? Promise.resolve(JSON.parse(inside.textContent)) : fromFile(name));
  }
  return loaded.get(name);
}

function fromFile(name) {
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    const failed = () => reject(new Error("The file data/" + name + ".js is not there."));
    document.head.append(el("script", { src: "data/" + name + ".js", onerror: failed }));
  });
}

/** Called by the files of data. */
window.modellab = (name, text) => waiting.get(name)(JSON.parse(text));

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** A cell that no spreadsheet runs as a formula. */
function harmless(text) {
  const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text);
  return formula && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? "'" + text : text;
}

/** Rows of texts as CSV, without formulas. */
function csv(rows) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
  return rows.map((row) => row.map((cell) => quoted(harmless(String(cell)))).join(",")).join("\n") + "\n";
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function fileName(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-") + ".csv";
}
