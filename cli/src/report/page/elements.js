"use strict";

// Everything in the data is hostile text. It reaches the document through text nodes and the attributes set here alone;
// the content security policy keeps anything else from running.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const byId = (id) => document.getElementById(id);

const overview = read("overview");
const workers = read("workers");
const index = read("index");
const PER_BLOCK = 200;
const ROW = 60;

const SAFE = new Set(["class", "id", "role", "type", "title", "href", "for", "tabindex", "scope", "colspan", "value", "lang", "rel", "alt", "min", "max", "step"]);

/** Children in one list, without those that are not there. */
const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

/** An element: attributes that cannot run anything, event handlers as functions, children as nodes or text. */
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (SAFE.has(key) || key.startsWith("aria-") || key.startsWith("data-")) element.setAttribute(key, String(value));
    else throw new Error(`attribute ${key}`);
  }
  element.append(...present(children));
  return element;
}

const SHAPES = new Set(["viewBox", "preserveAspectRatio", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "d", "points", "fill",
  "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "transform", "class",
  "text-anchor", "font-size", "paint-order", "role", "aria-label", "aria-hidden"]);

function s(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (!SHAPES.has(key)) throw new Error(`attribute ${key}`);
    element.setAttribute(key, String(value));
  }
  element.append(...present(children));
  return element;
}

const number = (n) => n.toLocaleString("en-US");
const two = (n) => (Math.abs(n) < 0.005 ? "0.00" : n.toFixed(2).replace("-", "−"));
const nounOf = (n, one) => (n === 1 ? one : `${one}s`);
const plural = (n, one) => `${number(n)} ${nounOf(n, one)}`;
const percent = (share) => `${Math.round(100 * share)}%`;
const range = ({ low, high }) => `${two(low)} to ${two(high)}`;
const shortened = (text, most) => (text.length > most ? `${Array.from(text).slice(0, most - 1).join("")}…` : text);
const clock = (unix) => new Date(unix * 1000).toISOString().replace("T", " ").slice(0, 16);
const time = (seconds) => (seconds === null || seconds === undefined ? "–" : seconds < 100 ? `${Number(seconds.toFixed(1))} s` : `${Math.round(seconds / 6) / 10} min`);
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const isExpired = () => isNumber(overview.imagesUntil) && Date.now() > 1000 * overview.imagesUntil;

function meter(share, kind = "") {
  const fill = h("i");
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("span", { class: `meter ${kind}`, "aria-hidden": "true" }, fill);
}

const withMeter = (share) => (isNumber(share) ? h("span", {}, meter(share), two(share)) : h("span", { class: "soft" }, "–"));

function table(headings, rows) {
  const head = headings.map(([text, kind]) => h("th", { scope: "col", class: kind }, text));
  const body = rows.map((cells) => h("tr", {}, cells.map((cell, column) => h("td", { class: headings[column][1] }, cell))));
  return h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}
