// The list of objects: filters, and no more rows than are in view.

const isCompared = index.some((row) => row.disagreement.some((one) => one !== null));
const filter = { text: "", state: "", field: "", worker: "", sort: isCompared ? "disagreement" : "unsure" };
let shown = [];
let selected = -1;
let drawn = -1;

const searchable = index.map((row) => `${row.id}\n${row.title}\n${row.label}`.toLowerCase());
const fieldNames = overview.fields.map((field) => field.name);

/** How sure an object's label is: that of one field, or of the least sure one. */
function sureness(row, field) {
  if (field >= 0) return row.confidence[field];
  let least = null;
  for (const one of row.confidence) if (one !== null && (least === null || one < least)) least = one;
  return least;
}

/** How far two answers to an object are apart on average: in one field, or in the mean of all. */
function disagreement(row, field) {
  if (field >= 0) return row.disagreement[field];
  const known = row.disagreement.filter((one) => one !== null);
  return known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length : null;
}

/** The orders of the list. Objects without the number that decides come last, then the least sure come first. */
const ORDERS = {
  disagreement: { name: "Most disputed first", of: disagreement, sign: -1 },
  agreement: { name: "Least disputed first", of: disagreement, sign: 1 },
  unsure: { name: "Least confident first", of: sureness, sign: 1 },
  sure: { name: "Most confident first", of: sureness, sign: -1 },
  manifest: { name: "As in the manifest", of: sureness, sign: 0 },
};

function setFilter(changes) {
  Object.assign(filter, { text: "", state: "", field: "", worker: "" }, changes);
  byId("search").value = filter.text;
  byId("filter-state").value = filter.state;
  byId("filter-field").value = filter.field;
  byId("filter-worker").value = filter.worker;
  applyFilter();
}

function applyFilter() {
  const text = filter.text.trim().toLowerCase();
  const field = fieldNames.indexOf(filter.field);
  const worker = filter.worker === "" ? -1 : Number(filter.worker);
  const fits = (row, idx) =>
    (text === "" || searchable[idx].includes(text)) &&
    (filter.state === "" || (filter.state === "changed" ? row.changed : row.state === filter.state)) &&
    (field < 0 || row.confidence[field] !== null) &&
    (worker < 0 || row.workers.includes(worker));
  shown = [];
  index.forEach((row, idx) => { if (fits(row, idx)) shown.push(idx); });
  const { of, sign } = ORDERS[filter.sort];
  if (sign !== 0) {
    const keys = index.map((row) => of(row, field));
    const sure = index.map((row) => sureness(row, field) ?? 2);
    shown.sort((a, b) => (keys[a] === null) - (keys[b] === null) || sign * (keys[a] - keys[b]) || sure[a] - sure[b] || a - b);
  }
  byId("count").textContent = shown.length === index.length ? plural(index.length, "object") : `${number(shown.length)} of ${plural(index.length, "object")}`;
  byId("count-of").textContent = of === disagreement ? "disagreement" : "confidence";
  byId("rows").style.height = `${shown.length * ROW}px`;
  byId("list").scrollTop = 0;
  drawRows();
}

/** Draws the rows that are in view, and a few beside them. */
function drawRows() {
  const box = byId("list");
  const field = fieldNames.indexOf(filter.field);
  const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 6);
  const last = Math.min(shown.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + 6);
  const rows = [];
  for (let at = first; at < last; at += 1) {
    const idx = shown[at];
    const row = index[idx];
    const { of } = ORDERS[filter.sort];
    const value = of(row, field);
    const note = row.state !== "labeled" ? h("span", { class: `tag ${row.state}` }, STATES[row.state])
      : row.changed ? h("span", { class: "tag changed" }, "changed") : h("span", { class: "tag" });
    const item = h("div", { class: "item", role: "option", id: `row-${idx}`, "aria-selected": String(idx === selected), "aria-posinset": at + 1, "aria-setsize": shown.length, onclick: () => select(idx) },
      h("span", {}, row.title || `object ${row.id}`, " ", h("span", { class: "soft small" }, row.title ? `#${row.id}` : "")),
      note,
      h("span", { class: "sub" }, row.label || (row.workers.length > 0 ? "no label" : "no answers")),
      h("span", { class: "tag sub" }, isNumber(value) ? [meter(value, of === disagreement ? "apart" : ""), two(value)] : "–"));
    item.style.transform = `translateY(${at * ROW}px)`;
    rows.push(item);
  }
  byId("rows").replaceChildren(...rows);
  if (selected >= 0 && byId(`row-${selected}`)) box.setAttribute("aria-activedescendant", `row-${selected}`);
  else box.removeAttribute("aria-activedescendant");
}

function select(idx) {
  selected = idx;
  const at = shown.indexOf(idx);
  const box = byId("list");
  if (at >= 0) {
    if (at * ROW < box.scrollTop) box.scrollTop = at * ROW;
    else if ((at + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (at + 1) * ROW - box.clientHeight;
  }
  drawRows();
  if (drawn !== idx) {
    drawObject(idx);
    byId("detail").scrollTop = 0;
  }
  try { history.replaceState(null, "", `#/objects/${idx}`); } catch { /* a page from disk need not have a history */ }
}

function step(by) {
  if (shown.length === 0) return;
  const at = shown.indexOf(selected);
  select(shown[at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))]);
}

const blocks = new Map();

/** The rest of an object; its block is read when its first object is opened. */
function objectAt(idx) {
  const block = Math.floor(idx / PER_BLOCK);
  if (!blocks.has(block)) {
    if (blocks.size > 20) blocks.delete(blocks.keys().next().value);
    blocks.set(block, read(`objects-${block}`));
  }
  return blocks.get(block)[idx % PER_BLOCK];
}
