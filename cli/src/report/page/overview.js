// The first view: what the job came to, in figures and plots.

const card = (title, about, ...content) => h("figure", { class: "card" }, h("h3", {}, title), h("p", { class: "soft small" }, about), content);

function drawOverview() {
  const { counts, fields, notes } = overview;
  const link = (row) => h("button", { type: "button", class: "link", onclick: () => { setFilter({ field: row.name }); go("objects"); } }, row.name);
  const figure = (n, text, state) => {
    const inside = [h("b", {}, number(n)), h("span", {}, text)];
    return state === undefined ? h("div", { class: "card figure" }, inside)
      : h("a", { class: "card figure", href: "#/objects", onclick: () => setFilter({ state }) }, inside);
  };
  const figures = h("div", { class: "figures" },
    figure(counts.objects, nounOf(counts.objects, "object"), ""), figure(counts.labeled, "labeled", "labeled"), figure(counts.unresolved, "unresolved", "unresolved"),
    figure(counts.failed, "failed", "failed"), counts.unlabeled > 0 && figure(counts.unlabeled, "without label", "unlabeled"),
    counts.changed > 0 && figure(counts.changed, "changed", "changed"), figure(counts.answers, nounOf(counts.answers, "answer")), figure(counts.workers, nounOf(counts.workers, "worker")),
    counts.rejected > 0 && figure(counts.rejected, "set aside"));
  const until = isNumber(overview.imagesUntil) && `The addresses of the images ${isExpired() ? "expired" : "hold until"} ${clock(overview.imagesUntil)} UTC.`;
  const all = [...notes, until].filter(Boolean);
  const section = (title, ...content) => h("section", { "aria-label": title }, h("h2", {}, title), content);
  const parts = [section("What the job came to", figures, all.length > 0 && h("ul", { class: "notes" }, all.map((note) => h("li", {}, note))))];
  if (fields.length === 0) {
    parts.push(h("p", { class: "card soft" }, "No answers are on file, so there is nothing to compare. The objects show the labels that the job gave them."));
  } else {
    parts.push(section("Fields", h("div", { class: "card" }, table(
      [["Field"], ["Kind", "tight"], ["Method", "tight"], ["Labeled", "n"], ["Unresolved", "n"], ["Mean confidence", "tight"]],
      fields.map((row) => [link(row), row.kind, row.method ?? "–", number(row.resolved), number(row.unresolved), withMeter(row.meanConfidence)])))));
    parts.push(section("Agreement", agreement(fields.filter((row) => row.agreement !== null), link)));
    const sure = fields.filter((row) => row.confidence.some((n) => n > 0)).map(confidence);
    if (sure.length > 0) parts.push(section("Confidence", h("div", { class: "grid" }, sure)));
    const plots = [timePerAnswer(), progress()].filter(Boolean);
    if (plots.length > 0) parts.push(section("Time", h("div", { class: "grid" }, plots)));
  }
  const changes = fields.filter((row) => Object.keys(row.changes).length > 0);
  const kinds = ["same", "changed", "gained", "lost", "incomparable"];
  if (changes.length > 0) {
    parts.push(section("Against the labels the job had", h("div", { class: "card" },
      table([["Field"], ...kinds.map((kind) => [kind, "n"])], changes.map((row) => [link(row), ...kinds.map((kind) => number(row.changes[kind] ?? 0))])))));
  }
  byId("view-overview").replaceChildren(...parts);
}

/** What `gtruth agreement` says: alpha with its interval, kappa, how near two answers are, and every two workers. */
function agreement(fields, link) {
  if (fields.every((row) => row.agreement.pairs === 0)) return h("p", { class: "card soft" }, "No object has two answers, so there is nothing to compare.");
  const measured = fields.filter((row) => isNumber(row.agreement.alpha.value));
  const value = (statistic) => (isNumber(statistic?.value) ? two(statistic.value) : h("span", { class: "soft", title: statistic?.undefined }, "–"));
  const rows = fields.map(({ agreement: one, ...row }) => [link(row), one.scale, number(one.objects), number(one.pairs),
    value(one.alpha), one.alpha.interval ? range(one.alpha.interval) : "–", value(one.fleissKappa),
    isNumber(one.agreement.value) ? percent(one.agreement.value) : value(one.agreement)]);
  const reasons = [...new Set(fields.map((row) => row.agreement.alpha.undefined).filter(Boolean))].map((reason) => {
    const names = fields.filter((row) => row.agreement.alpha.undefined === reason).map((row) => shortened(row.name, 40));
    return ` No alpha for ${names.join(", ")}: ${reason}.`;
  });
  const parts = [
    measured.length > 0 && card("Krippendorff's alpha", "1 where all workers agree, 0 for what chance would give; the lines are 95% intervals, from objects drawn anew",
      intervals("Krippendorff's alpha by field", measured.map((row) => ({ name: row.name, ...row.agreement.alpha })))),
    h("div", { class: "card" },
      table([["Field"], ["Scale", "tight"], ["Objects", "n"], ["Pairs", "n"], ["Alpha", "n"], ["95% interval", "n"], ["Fleiss' kappa", "n"], ["Mean agreement", "n"]], rows),
      h("p", { class: "soft small legend" }, "Objects have at least two answers, and pairs are of answers to one object. The mean agreement is over objects how near two answers are: equal ones count 100%. The scale says how answers are compared: as equal or not (nominal), by their steps (ordinal), by their difference (interval), or by the distance of their kind.",
        reasons)),
    everyTwo(fields.filter((row) => (row.agreement.workerPairs ?? []).length > 0))];
  return parts.filter(Boolean);
}

/** Every two workers, in a field that can be chosen. */
function everyTwo(fields) {
  if (fields.length === 0) return null;
  const holder = h("div");
  const show = (name) => holder.replaceChildren(pairs(fields.find((row) => row.name === name).agreement));
  const first = mostAnswered(fields).name;
  show(first);
  return h("details", { class: "card" }, h("summary", {}, h("h3", {}, "Every two workers")),
    h("div", { class: "head" }, h("p", { class: "soft small" }, "mean agreement on the objects that both answered"), fieldChoice(fields, first, show)), holder);
}

const mostAnswered = (fields) => fields.reduce((most, row) => ((row.agreement?.answers ?? 0) > (most.agreement?.answers ?? 0) ? row : most));

function fieldChoice(fields, chosen, onChange) {
  const choice = h("select", { onchange: () => onChange(choice.value) }, fields.map(({ name }) => h("option", { value: name }, name)));
  choice.value = chosen;
  return fields.length > 1 && h("label", { class: "small soft choice" }, "Field ", choice);
}

/** How near the answers of every two workers are. */
function pairs({ workerPairs }) {
  const names = [...new Set(workerPairs.flatMap((pair) => [pair.workerA, pair.workerB]))].sort();
  const of = new Map(workerPairs.flatMap((pair) => [[`${pair.workerA}\n${pair.workerB}`, pair], [`${pair.workerB}\n${pair.workerA}`, pair]]));
  const all = workerPairs.map((pair) => pair.agreement);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const cell = (row, column) => {
    const pair = of.get(`${names[row]}\n${names[column]}`);
    if (pair === undefined) return null;
    const kappa = isNumber(pair.kappa) ? `, Cohen's kappa ${two(pair.kappa)}` : "";
    return { text: percent(pair.agreement), share: most > least ? (pair.agreement - least) / (most - least) : 1, title: `${names[row]} and ${names[column]}: ${percent(pair.agreement)} on ${plural(pair.objects, "object")}${kappa}` };
  };
  return matrix("", names, names, cell);
}

function confidence(row) {
  const names = row.confidence.map((_, idx) => `${two(idx / 20)} to ${two((idx + 1) / 20)}`);
  return card(row.name, "labels by how sure the method is",
    bars(`Labels of ${row.name} by confidence`, "labels", row.confidence, names, [[0, "0"], [0.25, "0.25"], [0.5, "0.5"], [0.75, "0.75"], [1, "1"]], "confidence"));
}

/** The bins that hold something, and one on either side. */
function timePerAnswer() {
  const { counts, ends, median } = overview.seconds;
  if (median === null) return null;
  const filled = counts.flatMap((count, bin) => (count > 0 ? [bin] : []));
  const [first, last] = [Math.max(0, filled[0] - 1), Math.min(counts.length - 1, filled[filled.length - 1] + 1)];
  const start = (bin) => (bin === 0 ? 0 : ends[bin - 1]);
  const bins = Array.from({ length: last - first + 1 }, (_, idx) => first + idx);
  const names = bins.map((bin) => (bin < ends.length ? `${start(bin)} to ${ends[bin]} s` : `over ${start(bin)} s`));
  const every = Math.ceil(bins.length / 8);
  const ticks = [...bins, last + 1].filter((bin) => bin <= ends.length && (bin - first) % every === 0).map((bin) => [(bin - first) / bins.length, String(start(bin))]);
  return card("Time per answer", `the median is ${time(median)}`,
    bars("Answers by the time they took", "answers", bins.map((bin) => counts[bin]), names, ticks, "seconds"));
}

function progress() {
  if (overview.progress === null) return null;
  const { start, end, answers } = overview.progress;
  const total = answers[answers.length - 1];
  if (start === end) return card("Progress", `${plural(total, "answer")} at ${clock(start)} UTC`);
  const format = end - start > 2 * 86400 ? (unix) => clock(unix).slice(0, 10) : (unix) => clock(unix).slice(5);
  const ticks = [[0, format(start)], [0.5, format((start + end) / 2)], [1, format(end)]];
  return card("Progress", `${plural(total, "answer")} from ${clock(start)} to ${clock(end)} UTC`,
    curve(`Answers over time: ${plural(total, "answer")} from ${clock(start)} to ${clock(end)} UTC`, "answers", answers, ticks, "time (UTC)"));
}
