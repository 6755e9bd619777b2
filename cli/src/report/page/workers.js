// The view of the workers.

let workerOrder = { by: "answers", up: false };

const share = (row) => (row.compared > 0 ? row.same / row.compared : null);

const shareOf = (row) => (share(row) === null ? h("span", { class: "soft" }, "–")
  : h("span", {}, meter(share(row)), `${percent(row.same, row.compared)} `, h("span", { class: "soft" }, `of ${number(row.compared)}`)));

function drawWorkers() {
  const columns = [
    ["name", "Worker", "", (row) => row.name],
    ["answers", "Answers", "n", (row) => row.answers],
    ["agreement", "As the result", "tight", share],
    ["seconds", "Median time", "n", (row) => row.medianSeconds],
    ["rejected", "Set aside", "n", (row) => row.rejected / Math.max(1, row.answers)],
    ["last", "Last answer (UTC)", "n", (row) => row.last],
  ];
  const value = columns.find(([key]) => key === workerOrder.by)[3];
  const order = (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * (workerOrder.up ? 1 : -1);
  };
  const heading = ([key, text, kind]) => h("th", { scope: "col", class: kind, "aria-sort": key === workerOrder.by && (workerOrder.up ? "ascending" : "descending") },
    h("button", { type: "button", "data-key": key, onclick: () => {
      workerOrder = { by: key, up: key === workerOrder.by ? !workerOrder.up : key === "name" };
      drawWorkers();
      byId("view-workers").querySelector(`[data-key="${key}"]`).focus();
    } }, text, key === workerOrder.by ? (workerOrder.up ? " ↑" : " ↓") : ""));
  const rows = workers.map((row, place) => ({ ...row, place })).sort(order).map((row) => h("tr", {},
    h("td", {}, h("button", { type: "button", class: "link", onclick: () => go(`workers/${row.place}`) }, row.name)),
    h("td", { class: "n" }, number(row.answers)),
    h("td", { class: "tight" }, shareOf(row)),
    h("td", { class: "n" }, time(row.medianSeconds)),
    h("td", { class: "n" }, row.rejected > 0 ? `${percent(row.rejected, Math.max(row.answers, row.rejected))} (${number(row.rejected)})` : "0"),
    h("td", { class: "n" }, row.last === null ? "–" : clock(row.last))));
  byId("view-workers").replaceChildren(h("div", {}, h("h2", {}, plural(workers.length, "worker")),
    h("div", { class: "card" }, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, columns.map(heading))), h("tbody", {}, rows))),
      h("p", { class: "soft small" }, "“As the result” counts the values of fields with categories. A worker's own vote is in the result, so few workers per object flatter everybody."))));
}

/** One worker: what the table says, by field, and what the worker takes for what. */
function drawWorker(place) {
  const row = workers[place];
  const figure = (value, text) => h("div", { class: "card figure" }, h("b", {}, value), h("span", {}, text));
  const when = row.first === null ? "" : `first answer ${clock(row.first)}, last ${clock(row.last)} UTC`;
  const confusions = row.fields.flatMap((field) => field.confusions.map(([said, label, n]) => [field.name, said, label, number(n)]));
  const answered = h("button", { type: "button", onclick: () => { setFilter({ worker: String(place) }); go("objects"); } }, "The objects that this worker answered");
  const parts = [
    h("div", {}, h("p", { class: "small" }, h("a", { href: "#/workers" }, "All workers")), h("h2", {}, row.name), h("p", { class: "soft small" }, when),
      h("div", { class: "figures" }, figure(number(row.answers), "answers"), figure(percent(row.same, row.compared), "as the result"),
        figure(time(row.medianSeconds), `median time (all: ${time(overview.seconds.median)})`),
        figure(number(row.rejected), "objects with something set aside")),
      h("p", { class: "after" }, answered)),
    row.fields.length > 0 && h("div", {}, h("h2", {}, "By field"), h("div", { class: "card" },
      table([["Field"], ["As the result", "tight"]], row.fields.map((field) => [field.name, shareOf(field)])))),
    confusions.length > 0 && h("div", {}, h("h2", {}, "What differs most often"), h("div", { class: "card" },
      table([["Field"], ["The worker said"], ["The result is"], ["Times", "n"]], confusions))),
  ];
  byId("view-workers").replaceChildren(...parts.filter(Boolean));
  byId("view-workers").scrollTop = 0;
}
