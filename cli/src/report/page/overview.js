// The first view, and its plots.

const PLOT = { width: 460, height: 170, left: 54, right: 10, top: 12, bottom: 26 };

function frame(label, highest) {
  const { width, height, left, right, top, bottom } = PLOT;
  const axis = (value, y) => [
    s("line", { x1: left, x2: width - right, y1: y, y2: y, class: "axis" }),
    s("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, number(value)),
  ];
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": label }, axis(0, height - bottom), axis(highest, top));
}

/** Bars from left to right; `ticks` are [place between 0 and 1, text]. */
function bars(label, counts, titles, ticks) {
  const { width, height, left, right, top, bottom } = PLOT;
  const highest = Math.max(1, ...counts);
  const plot = frame(label, highest);
  const step = (width - left - right) / counts.length;
  counts.forEach((count, place) => {
    const tall = ((height - top - bottom) * count) / highest;
    const bar = s("rect", { x: left + place * step + 1, y: height - bottom - tall, width: Math.max(1, step - 2), height: tall, class: "fill" });
    bar.append(s("title", {}, `${titles[place]}: ${number(count)}`));
    plot.append(bar);
  });
  ticks.forEach(([place, text]) => plot.append(tick(place, text)));
  return plot;
}

function tick(place, text) {
  const { width, height, left, right } = PLOT;
  const anchor = place === 0 ? "start" : place === 1 ? "end" : "middle";
  return s("text", { x: left + place * (width - left - right), y: height - 8, "text-anchor": anchor }, text);
}

function curve(label, values, ticks) {
  const { width, height, left, right, top, bottom } = PLOT;
  const highest = Math.max(1, ...values);
  const plot = frame(label, highest);
  const all = [0, ...values];
  const x = (place) => left + (place * (width - left - right)) / (all.length - 1);
  const y = (value) => height - bottom - ((height - top - bottom) * value) / highest;
  const path = all.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  plot.append(s("path", { d: `${path}L${x(all.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z`, class: "area" }), s("path", { d: path, class: "curve" }));
  ticks.forEach(([place, text]) => plot.append(tick(place, text)));
  return plot;
}

function drawOverview() {
  const { counts, fields, seconds, progress, notes } = overview;
  const figure = (n, text, state) => {
    const inside = [h("b", {}, number(n)), h("span", {}, text)];
    return state === undefined ? h("div", { class: "card figure" }, inside)
      : h("a", { class: "card figure", href: "#/objects", onclick: () => setFilter({ state }) }, inside);
  };
  const figures = h("div", { class: "figures" },
    figure(counts.objects, "objects", ""), figure(counts.labeled, "labeled", "labeled"), figure(counts.unresolved, "unresolved", "unresolved"),
    figure(counts.failed, "failed", "failed"), counts.unlabeled > 0 && figure(counts.unlabeled, "without label", "unlabeled"),
    figure(counts.changed, "changed labels", "changed"), figure(counts.answers, "answers"), figure(counts.workers, "workers"),
    figure(counts.rejected, "answers set aside"));
  const field = (row) => h("button", { type: "button", class: "link", onclick: () => { setFilter({ field: row.name }); go("objects"); } }, row.name);
  const agreement = (row) => (row.agreement === null ? h("span", { class: "soft" }, "–")
    : h("span", { title: `Krippendorff's alpha, ${row.agreement.distance}` }, meter(row.agreement.alpha), two(row.agreement.alpha)));
  const fieldTable = table(
    [["Field"], ["Kind", "tight"], ["Method", "tight"], ["Labeled", "n"], ["Unresolved", "n"], ["Mean confidence", "tight"], ["Agreement", "tight"]],
    fields.map((row) => [field(row), row.kind, row.method ?? "–", number(row.resolved), number(row.unresolved), withMeter(row.meanConfidence), agreement(row)]));
  const changes = fields.filter((row) => Object.keys(row.changes).length > 0);
  const of = (row, change) => number(row.changes[change] ?? 0);
  const kinds = ["same", "changed", "gained", "lost", "incomparable"];
  const confidencePlots = fields.filter((row) => row.confidence.some((n) => n > 0)).map((row) => {
    const titles = row.confidence.map((_, place) => `${two(place / 20)} to ${two((place + 1) / 20)}`);
    return h("figure", { class: "card" }, h("h3", {}, row.name), h("p", { class: "soft small" }, "labels by confidence"),
      bars(`Labels of ${row.name} by confidence`, row.confidence, titles, [[0, "0"], [0.5, "0.5"], [1, "1"]]));
  });
  const ends = ["0", ...seconds.ends.map(String)];
  const spans = seconds.counts.map((_, place) => (place < seconds.ends.length ? `${ends[place]} to ${ends[place + 1]} s` : `over ${ends[place]} s`));
  const between = (place) => place / seconds.counts.length;
  const timePlot = seconds.median !== null && h("figure", { class: "card" }, h("h3", {}, "Time per answer"),
    h("p", { class: "soft small" }, `answers by active seconds; median ${time(seconds.median)}`),
    bars("Answers by active seconds", seconds.counts, spans, [0, 2, 5, 8, 11, 13].map((place) => [between(place), `${ends[place]} s`])));
  const progressPlot = progress !== null && h("figure", { class: "card" }, h("h3", {}, "Progress"),
    h("p", { class: "soft small" }, `answers over time, from ${clock(progress.start)} to ${clock(progress.end)} UTC`),
    curve("Answers over time", progress.answers, [[0, clock(progress.start)], [1, clock(progress.end)]]));
  byId("view-overview").replaceChildren(...[
    h("div", {}, h("h2", {}, "What the job came to"), figures, notes.length > 0 && h("ul", { class: "notes" }, notes.map((note) => h("li", {}, note)))),
    h("div", {}, h("h2", {}, "Fields"), h("div", { class: "card" }, fieldTable,
      h("p", { class: "soft small" }, "Agreement is Krippendorff's alpha: 1 where all workers agree, 0 for what chance would give. Kinds without a distance have none."))),
    changes.length > 0 && h("div", {}, h("h2", {}, "Against the labels the job had"), h("div", { class: "card" },
      table([["Field"], ...kinds.map((kind) => [kind, "n"])], changes.map((row) => [field(row), ...kinds.map((kind) => of(row, kind))])))),
    h("div", {}, h("h2", {}, "Confidence"), h("div", { class: "grid" }, confidencePlots)),
    h("div", {}, h("h2", {}, "Answers"), h("div", { class: "grid" }, timePlot, progressPlot)),
  ].filter(Boolean));
  byId("view-overview").querySelectorAll("figure").forEach((one) => { one.style.margin = "0"; });
}
