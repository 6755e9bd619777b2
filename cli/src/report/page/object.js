// One object: who said what, and why the result is as it is.

/** Kinds that are drawn over the image. */
const MARKED = new Set(["bounding-box", "polygon", "polyline", "keypoint", "semantic-mask", "instance-mask", "track"]);
/** Which layers are hidden: they stay so from object to object. */
const hidden = { result: false, workers: new Set() };

const dot = (color) => {
  const circle = h("span", { class: "dot", "aria-hidden": "true" });
  circle.style.background = color;
  return circle;
};

/** What a label or an answer decides, in words. */
function describe(members) {
  if (members === null || members === undefined) return "";
  if (Array.isArray(members.labels)) return members.labels.length > 0 ? members.labels.map(words).join(", ") : "none of them";
  if (typeof members.label === "string") return members.label;
  if (isNumber(members.value)) return String(Number(members.value.toPrecision(6)));
  if (members.value !== undefined && members.value !== null) return words(members.value);
  if (typeof members.text === "string") return members.text;
  if (typeof members.preferred === "string") return `${members.preferred} over ${words(members.over)}`;
  if (Array.isArray(members.dimensions)) {
    const ranking = (one) => `${one.name === null ? "" : `${words(one.name)}: `}${list(one.ranking).map(words).join(" › ")}`;
    return members.dimensions.map(ranking).join("\n");
  }
  if (Array.isArray(members.annotations)) {
    const counts = new Map();
    for (const mark of members.annotations) {
      const label = typeof mark.label === "string" ? mark.label : "without category";
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const each = [...counts].map(([label, n]) => (n === 1 ? label : `${n} × ${label}`));
    return each.length > 0 ? `${plural(members.annotations.length, "mark")}: ${each.join(", ")}` : "no marks";
  }
  if (Array.isArray(members.values)) return members.values.map((one) => words(one.value)).join("\n");
  return "";
}

function drawObject(place) {
  drawn = place;
  const row = index[place];
  const data = objectAt(place);
  const kept = Object.entries(data.kept ?? {}).map(([name, label]) => ({ name, label, said: [], same: [] }));
  const fields = data.fields.length > 0 ? data.fields : kept;
  const people = data.answers.map((answer, at) => ({ name: workers[answer.worker].worker, color: COLORS[at % COLORS.length], worker: answer.worker, at, answer }));
  const chips = [h("span", { class: `chip ${row.state}` }, STATES[row.state]), row.changed && h("span", { class: "chip changed" }, "changed")];
  const head = h("div", { class: "detail-head" },
    h("h2", {}, `Object ${row.id}`), chips,
    h("div", { class: "step" },
      h("button", { type: "button", "aria-label": "Previous object", onclick: () => step(-1) }, "↑"),
      h("button", { type: "button", "aria-label": "Next object", onclick: () => step(1) }, "↓")));
  const parts = [head];
  if (data.uri !== undefined) parts.push(h("p", { class: "mono soft" }, data.uri.startsWith("https://") ? h("a", { href: data.uri, rel: "noreferrer" }, data.uri) : data.uri));
  if (data.failure !== undefined) parts.push(h("p", { class: "aside" }, h("strong", { class: "failed" }, "The job gave up on it: "), data.failure));
  const isSaid = data.failure !== undefined || kept.length > 0;
  if (data.reason !== undefined && !isSaid) parts.push(h("p", { class: "aside" }, h("strong", {}, "No label: "), REASONS[data.reason] ?? data.reason));
  if (data.replaced > 0) parts.push(h("p", { class: "aside" }, `${plural(data.replaced, "answer")} replaced by a newer one of the same worker.`));
  const marked = fields.filter((field) => MARKED.has(field.label.kind));
  const cuboids = fields.filter((field) => field.label.kind === "cuboid");
  const segments = fields.filter((field) => field.label.kind === "time-segment");
  if (data.text !== undefined) parts.push(readings(data, fields, people));
  if (data.uri !== undefined || (marked.length > 0 && data.text === undefined)) {
    if (marked.length > 0 || data.image !== undefined) parts.push(picture(data, marked, people));
  }
  if (cuboids.length > 0) parts.push(picture({ above: true }, cuboids, people));
  if (segments.length > 0) parts.push(timeline(segments, people));
  if (data.fields.length === 0 && kept.length > 0) parts.push(h("p", { class: "soft" }, "No answers on file: this is the label that the job gave it."));
  parts.push(...fields.map((field) => fieldCard(field, people)));
  byId("detail").replaceChildren(...parts.filter(Boolean));
  byId("detail").setAttribute("aria-label", `Object ${row.id}`);
}

const person = (one) => h("span", { class: "person" }, dot(one.color), h("button", { type: "button", class: "link", onclick: () => go(`workers/${one.worker}`) }, one.name));

/** One field: the result, why it is so, who said what, and what the job had before. */
function fieldCard(field, people) {
  const { label } = field;
  const parts = [h("div", { class: "field-head" }, h("h3", {}, field.name), h("span", { class: "soft small" }, label.kind ?? "no longer answered"),
    h("span", { class: "sure" }, isNumber(label.confidence) && [h("span", { class: "soft small" }, "confidence "), withMeter(label.confidence)]))];
  const verdict = describe(label);
  if (typeof label.reason === "string") parts.push(h("p", { class: "verdict unresolved" }, "No label"), h("p", { class: "why" }, REASONS[label.reason] ?? label.reason));
  else if (label.kind !== "verbatim" && label.kind !== undefined) parts.push(h("p", { class: "verdict" }, verdict));
  const why = [];
  if (typeof label.method === "string") why.push(WHY[label.method] && label.model === undefined ? `${label.method}: ${WHY[label.method]}` : label.method);
  if (typeof label.model === "string") {
    const because = MODEL_REASONS[label.modelReason];
    why.push(`${label.model}${WHY[label.model] ? `: ${WHY[label.model]}` : ""}${because ? `, since ${because}` : ""}`);
  }
  if (label.kind === "verbatim") why.push("kept as it was answered; nothing is consolidated");
  if (label.gold === true) why.push("the answer was known beforehand");
  if (isNumber(label.workers)) why.push(plural(label.workers, "worker"));
  if (isNumber(label.tolerance)) why.push(`the confidence is that of being within ${label.tolerance}`);
  const apart = index[drawn].disagreement[fieldNames.indexOf(field.name)];
  if (isNumber(apart)) why.push(apart === 0 ? "all answers are the same" : `two answers are ${two(apart)} apart on average`);
  if (why.length > 0) parts.push(h("p", { class: "why" }, why.join(" · ")));
  if (label.votes && typeof label.votes === "object" && !Array.isArray(label.votes)) parts.push(votes(label));
  if (Array.isArray(label.annotations) && label.annotations.length > 0) parts.push(marksTable(label));
  if (people.length > 0 && field.said.length > 0) {
    const rows = people.map((one) => {
      const said = field.said[one.at];
      return [person(one), h("span", { class: label.kind === "verbatim" ? "mono text" : "text" }, said === null ? h("span", { class: "soft" }, "left blank, or set aside") : describe(said)), verdictOn(field, one.at), time(one.answer.seconds)];
    });
    parts.push(table([["Worker"], ["Answer"], ["", "tight"], ["Time", "n"]], rows));
  }
  for (const rejected of list(label.rejected)) {
    parts.push(h("p", { class: "aside" }, h("strong", {}, "Set aside"), rejected.worker === null ? "" : ` (${words(rejected.worker)})`, `: ${words(rejected.reason)}`));
  }
  if (field.diff !== undefined) {
    const { change, before } = field.diff;
    const had = before === null || before === undefined ? "no label here" : describe(before);
    const sure = before && isNumber(before.confidence) ? ` (${two(before.confidence)})` : "";
    parts.push(h("p", { class: "aside" }, h("strong", { class: change === "incomparable" ? "soft" : "changed" }, change === "incomparable" ? "Not comparable" : change[0].toUpperCase() + change.slice(1)),
      change === "incomparable" ? ": the job's label has a format that cannot be set beside this one" : `: the job had ${had}${sure}`));
  }
  return h("section", { class: "card", "aria-label": field.name }, parts);
}

/** How an answer stands to the result. */
function verdictOn({ label, said, same, near }, at) {
  if (said[at] === null || typeof label.reason === "string" || label.kind === "verbatim") return "";
  const share = near?.[at];
  if (same[at] || share === 1) return h("span", { class: "as" }, "as the result");
  if (share > 0) return h("span", {}, meter(share), `${percent(Math.min(share, 0.99))} like the result`);
  return Array.isArray(said[at].annotations) && !isNumber(share) ? "" : h("span", { class: "not" }, "differs");
}

function votes(label) {
  const chances = label.confidences && typeof label.confidences === "object" ? label.confidences : {};
  const names = [...new Set([...Object.keys(chances), ...Object.keys(label.votes)])];
  const cells = names.flatMap((name) => {
    const chance = chances[name];
    const share = isNumber(chance) ? chance : label.votes[name] / Math.max(1, label.workers);
    const fill = h("i");
    fill.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
    return [h("span", {}, name), h("span", { class: "track", "aria-hidden": "true" }, fill),
      h("span", { class: "soft" }, isNumber(chance) ? `${two(chance)} · ` : "", plural(label.votes[name] ?? 0, "vote"))];
  });
  return h("div", { class: "votes" }, cells);
}

function marksTable(label) {
  const marks = label.annotations.slice(0, 100);
  const where = (mark) => {
    if (isNumber(mark.left)) return `${mark.left}, ${mark.top} · ${mark.width} × ${mark.height}${isNumber(mark.rotation) ? ` · ${mark.rotation}°` : ""}`;
    if (Array.isArray(mark.vertices)) return plural(mark.vertices.length, label.kind === "polyline" ? "point" : "corner");
    if (isNumber(mark.x)) return `${mark.x}, ${mark.y}`;
    if (isNumber(mark.startOffset)) return `${mark.startOffset} to ${mark.endOffset}`;
    if (isNumber(mark.start)) return `${mark.start} to ${mark.end}`;
    if (isNumber(mark.pixels)) return plural(mark.pixels, "pixel");
    if (Array.isArray(mark.boxes)) return plural(mark.boxes.length, "frame");
    return mark.center ? [mark.center.x, mark.center.y, mark.center.z].filter(isNumber).join(", ") : "";
  };
  const made = (mark) => {
    const by = mark.votes && typeof mark.votes === "object" ? ` (${Object.entries(mark.votes).map(([name, n]) => `${name} ${n}`).join(", ")})` : "";
    return `${isNumber(mark.workers) ? mark.workers : "–"}${isNumber(label.workers) ? ` of ${label.workers}` : ""}${by}`;
  };
  const rows = marks.map((mark) => [mark.label === null || mark.label === undefined ? h("span", { class: "soft" }, "without category") : words(mark.label), where(mark), made(mark), withMeter(mark.confidence)]);
  const shownOf = label.annotations.length > marks.length ? h("p", { class: "soft small" }, `the first ${marks.length} of ${number(label.annotations.length)}`) : null;
  return h("div", {}, table([["Result: category"], ["Where"], ["Made by"], ["Confidence", "tight"]], rows), shownOf);
}

/** The layers of a picture or a text: the result and each worker, with a button that shows or hides each. */
function toggles(people, hasResult, onChange) {
  const button = (name, color, isOn, flip) => {
    const one = h("button", { type: "button", "aria-pressed": String(isOn()), onclick: () => { flip(); one.setAttribute("aria-pressed", String(isOn())); onChange(); } }, dot(color), name);
    return one;
  };
  const flipWorker = (worker) => () => { if (!hidden.workers.delete(worker)) hidden.workers.add(worker); };
  return h("div", { class: "layers", role: "group", "aria-label": "What is shown" },
    hasResult && button("result", RESULT_COLOR, () => !hidden.result, () => { hidden.result = !hidden.result; }),
    people.map((one) => button(one.name, one.color, () => !hidden.workers.has(one.worker), flipWorker(one.worker))));
}

const isHidden = (one) => (one === null ? hidden.result : hidden.workers.has(one.worker));
