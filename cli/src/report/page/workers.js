// The view of the workers.

let workerOrder = { by: "answers", up: false };

function drawWorkers() {
  const share = (row) => (row.compared > 0 ? row.same / row.compared : null);
  const columns = [
    ["name", "Worker", "", (row) => row.name],
    ["answers", "Answers", "n", (row) => row.answers],
    ["agreement", "As the result", "", share],
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
    h("td", {}, h("button", { type: "button", class: "link", title: "the objects that this worker answered", onclick: () => { setFilter({ worker: String(row.place) }); go("objects"); } }, row.name)),
    h("td", { class: "n" }, number(row.answers)),
    h("td", {}, share(row) === null ? h("span", { class: "soft" }, "–") : h("span", {}, meter(share(row)), `${percent(row.same, row.compared)} `, h("span", { class: "soft" }, `of ${number(row.compared)}`))),
    h("td", { class: "n" }, time(row.medianSeconds)),
    h("td", { class: "n" }, row.rejected > 0 ? `${percent(row.rejected, Math.max(row.answers, row.rejected))} (${number(row.rejected)})` : "0"),
    h("td", { class: "n" }, row.last === null ? "–" : clock(row.last))));
  byId("view-workers").replaceChildren(h("div", {}, h("h2", {}, plural(workers.length, "worker")),
    h("div", { class: "card" }, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, columns.map(heading))), h("tbody", {}, rows))),
      h("p", { class: "soft small" }, "“As the result” counts the values of fields with categories. A worker's own vote is in the result, so few workers per object flatter everybody."))));
}
