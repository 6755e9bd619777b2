// The view of the workers: what `gtruth workers` says.

let workerOrder = { by: "others", up: true };
let workerField = overview.fields.length > 0 ? mostAnswered(overview.fields).name : "";

const dash = () => h("span", { class: "soft" }, "–");
const share = (value) => (isNumber(value) ? percent(value) : dash());
/** A mean agreement, and of how many answers. */
const mean = (one) => (one ? h("span", {}, meter(one.agreement), `${percent(one.agreement)} `, h("span", { class: "soft small" }, `of ${number(one.answers)}`)) : dash());
const ofField = (row, name) => row.fields.find((field) => field.field === name);

/** Earlier and later agreement; with a mark where chance alone would hardly do it. */
function drift(one) {
  if (!one) return dash();
  const isSure = Math.abs(one.earlier - one.later) > 2 * one.standardError;
  const text = `${percent(one.earlier)} → ${percent(one.later)}`;
  return isSure ? h("strong", { class: one.later < one.earlier ? "not" : "as", title: "more than two standard errors" }, text) : text;
}

/** What is said more or less often than it is right. */
function bias(field) {
  const error = field.meanError;
  if ((field.bias ?? []).length > 0) return field.bias.slice(0, 2).map((one) => h("div", {}, `${one.category} `, h("span", { class: "soft small" }, `${number(one.answered)} for ${number(one.right)}`)));
  if (error && error.answers >= 5 && Math.abs(error.mean) > 2 * error.standardError) return `${error.mean > 0 ? "+" : "−"}${Math.abs(error.mean).toPrecision(3)}`;
  return dash();
}

const LEGEND = "Others: agreement with the consensus of the other workers, in which the worker has no part. Too fast: less than a third of the time that the others took for the same object; too slow: more than three times. Earlier and later: agreement with the others in the first and the second half of at least 20 answers, bold where chance would hardly do it. Bias: a category said more or less often than it is right, by more than chance, or how far numbers lie from what is right on average. What is right is the known answer, or else what the others say.";

function legend() {
  const groups = overview.groups < workers.length ? ` Each worker is left out together with others: the workers form ${overview.groups} groups.` : "";
  return h("p", { class: "soft small legend" }, LEGEND, groups);
}

function drawWorkers() {
  const field = (row) => ofField(row, workerField);
  const hasGold = workers.some((row) => field(row)?.gold);
  const setAside = (row) => row.setAside / Math.max(1, row.answers);
  // Key, heading, class, what it sorts by, what it shows.
  const columns = [
    ["name", "Worker", "", (row) => row.worker, (row) => h("button", { type: "button", class: "link", onclick: () => go(`workers/${row.idx}`) }, row.worker)],
    ["answers", "Answers", "n", (row) => row.answers, (row) => number(row.answers)],
    ["others", "Others", "tight", (row) => field(row)?.others?.agreement ?? null, (row) => mean(field(row)?.others)],
    hasGold && ["gold", "Known answers", "tight", (row) => field(row)?.gold?.agreement ?? null, (row) => mean(field(row)?.gold)],
    ["drift", "Earlier → later", "tight", (row) => (field(row)?.drift ? field(row).drift.later - field(row).drift.earlier : null), (row) => drift(field(row)?.drift)],
    ["bias", "Bias", "", (row) => (field(row)?.bias ?? []).length, (row) => (field(row) ? bias(field(row)) : dash())],
    ["seconds", "Median time", "n", (row) => row.time.medianSeconds, (row) => time(row.time.medianSeconds)],
    ["fast", "Too fast", "n", (row) => row.time.tooFast, (row) => share(row.time.tooFast)],
    ["slow", "Too slow", "n", (row) => row.time.tooSlow, (row) => share(row.time.tooSlow)],
    ["aside", "Set aside", "n", setAside, (row) => (row.setAside > 0 ? percent(setAside(row)) : "0%")],
  ].filter(Boolean);
  const value = (columns.find(([key]) => key === workerOrder.by) ?? columns[0])[3];
  const order = (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * (workerOrder.up ? 1 : -1);
  };
  const heading = ([key, text, kind]) => h("th", { scope: "col", class: kind, "aria-sort": key === workerOrder.by && (workerOrder.up ? "ascending" : "descending") },
    h("button", { type: "button", "data-key": key, onclick: () => {
      workerOrder = { by: key, up: key === workerOrder.by ? !workerOrder.up : ["name", "others", "gold", "drift", "seconds"].includes(key) };
      drawWorkers();
      byId("view-workers").querySelector(`[data-key="${key}"]`).focus();
    } }, text, key === workerOrder.by ? (workerOrder.up ? " ↑" : " ↓") : ""));
  const rows = workers.map((row, idx) => ({ ...row, idx })).sort(order).map((row) => h("tr", {}, columns.map(([, , kind, , show]) => h("td", { class: kind }, show(row)))));
  const choice = fieldChoice(overview.fields, workerField, (name) => {
    workerField = name;
    drawWorkers();
    byId("view-workers").querySelector("select").focus();
  });
  byId("view-workers").replaceChildren(h("section", { "aria-label": "Workers" },
    h("div", { class: "head" }, h("h2", {}, plural(workers.length, "worker")), choice),
    workers.length === 0 ? h("p", { class: "card soft" }, "Nobody's answers are on file.")
      : h("div", { class: "card" }, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, columns.map(heading))), h("tbody", {}, rows))), legend())));
}

/** One worker: what the table says, by field, and what the worker takes for what. */
function drawWorker(idx) {
  const row = workers[idx];
  const figure = (value, text) => h("div", { class: "card figure" }, h("b", {}, value), h("span", {}, text));
  const when = row.present === null ? "" : `first answer ${clock(row.present[0])}, last ${clock(row.present[1])} UTC; the median time of all is ${time(overview.seconds.median)}`;
  const answered = h("button", { type: "button", onclick: () => { setFilter({ worker: String(idx) }); go("objects"); } }, "The objects that this worker answered");
  const hasGold = row.fields.some((field) => field.gold);
  const headings = [["Field"], ["Answers", "n"], ["Others", "tight"], hasGold && ["Known answers", "tight"], ["Earlier → later", "tight"], ["Bias"]].filter(Boolean);
  const cells = (field) => [field.field, number(field.answers), mean(field.others), ...(hasGold ? [mean(field.gold)] : []), drift(field.drift), bias(field)];
  const confused = row.fields.filter((field) => (field.confusion ?? []).length > 0);
  const parts = [
    h("section", { "aria-label": row.worker }, h("p", { class: "small" }, h("a", { href: "#/workers" }, "← All workers")), h("h2", {}, row.worker), h("p", { class: "soft small" }, when),
      h("div", { class: "figures" }, figure(number(row.answers), "answers"), figure(time(row.time.medianSeconds), "median time"),
        figure(isNumber(row.time.tooFast) ? percent(row.time.tooFast) : "–", "too fast"), figure(isNumber(row.time.tooSlow) ? percent(row.time.tooSlow) : "–", "too slow"),
        figure(number(row.setAside), "set aside"), figure(number(row.replaced), "replaced")),
      h("p", { class: "after" }, answered)),
    row.fields.length > 0 && h("section", { "aria-label": "By field" }, h("h2", {}, "By field"), h("div", { class: "card" }, table(headings, row.fields.map(cells)), legend())),
    confused.length > 0 && h("section", { "aria-label": "What is taken for what" }, h("h2", {}, "What is taken for what"), h("div", { class: "loose" }, confused.map(confusion))),
  ];
  byId("view-workers").replaceChildren(...parts.filter(Boolean));
  byId("view-workers").scrollTop = 0;
}

/** What was right and what was answered: a matrix of the categories that occur most. */
function confusion(field) {
  const counts = new Map();
  const totals = new Map();
  for (const one of field.confusion) {
    counts.set(`${one.right}\n${one.answered}`, one.answers);
    totals.set(one.right, (totals.get(one.right) ?? 0) + one.answers);
    totals.set(one.answered, totals.get(one.answered) ?? 0);
  }
  const most = 10;
  const names = [...totals.keys()].sort((a, b) => totals.get(b) - totals.get(a)).slice(0, most);
  const cell = (row, column) => {
    const n = counts.get(`${names[row]}\n${names[column]}`) ?? 0;
    const of = totals.get(names[row]);
    return { text: number(n), share: of > 0 ? n / of : 0, title: `${names[row]} answered as ${names[column]}: ${number(n)} of ${number(of)}` };
  };
  const rest = totals.size > most ? `; the ${most} most frequent of ${number(totals.size)} categories` : "";
  return card(field.field, `rows are what is right, columns what the worker said${rest}`, matrix("right \\ said", names, names, cell));
}
