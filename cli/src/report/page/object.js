// One object: who said what, and why the result is as it is.

/** Which layers are hidden: they stay so from object to object. */
const hidden = { result: false, workers: new Set() };

const dot = (color) => {
  const circle = h("span", { class: "dot", "aria-hidden": "true" });
  circle.style.background = color;
  return circle;
};

function drawObject(idx) {
  drawn = idx;
  const row = index[idx];
  const data = objectAt(idx);
  const kept = data.kept ?? [];
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
  const on = (surface) => fields.filter((field) => field.surface === surface);
  const [marked, above, segments] = [on("image"), on("ground"), on("time")];
  if (data.text !== undefined) parts.push(readings(data.text, on("text"), people));
  if (data.uri !== undefined || (marked.length > 0 && data.text === undefined)) {
    if (marked.length > 0 || data.image !== undefined) parts.push(picture(data, marked, people));
  }
  if (above.length > 0) parts.push(picture({ above: true }, above, people));
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
  if (label.reason !== undefined) parts.push(h("p", { class: "verdict unresolved" }, "No label"), h("p", { class: "why" }, REASONS[label.reason] ?? label.reason));
  else if (label.says !== undefined && !(label.asAnswered && people.length > 0)) parts.push(h("p", { class: "verdict" }, label.says));
  const why = [];
  if (label.method !== undefined) why.push(WHY[label.method] && label.model === undefined ? `${label.method}: ${WHY[label.method]}` : label.method);
  if (label.model !== undefined) {
    const because = MODEL_REASONS[label.modelReason];
    why.push(`${label.model}${WHY[label.model] ? `: ${WHY[label.model]}` : ""}${because ? `, since ${because}` : ""}`);
  }
  if (label.asAnswered) why.push("kept as it was answered; nothing is consolidated");
  if (label.gold) why.push("the answer was known beforehand");
  if (isNumber(label.workers)) why.push(plural(label.workers, "worker"));
  if (isNumber(label.tolerance)) why.push(`the confidence is that of being within ${label.tolerance}`);
  const apart = index[drawn].disagreement[fieldNames.indexOf(field.name)];
  if (isNumber(apart)) why.push(apart === 0 ? "all answers are the same" : `two answers are ${two(apart)} apart on average`);
  if (why.length > 0) parts.push(h("p", { class: "why" }, why.join(" · ")));
  if (label.choices !== undefined) parts.push(votes(label));
  if (label.marks !== undefined) parts.push(marksTable(label));
  if (people.length > 0 && field.said.length > 0) {
    const rows = people.map((one) => {
      const said = field.said[one.at];
      return [person(one), h("span", { class: label.asAnswered ? "mono text" : "text" }, said === null ? h("span", { class: "soft" }, "left blank, or set aside") : said.says), verdictOn(field, one.at), time(one.answer.seconds)];
    });
    parts.push(table([["Worker"], ["Answer"], ["", "tight"], ["Time", "n"]], rows));
  }
  for (const rejected of label.rejected ?? []) {
    parts.push(h("p", { class: "aside" }, h("strong", {}, "Set aside"), rejected.worker === undefined ? "" : ` (${rejected.worker})`, `: ${rejected.reason}`));
  }
  if (field.diff !== undefined) {
    const { change, before, confidence } = field.diff;
    const had = before ?? "no label here";
    const sure = isNumber(confidence) ? ` (${two(confidence)})` : "";
    parts.push(h("p", { class: "aside" }, h("strong", { class: change === "incomparable" ? "soft" : "changed" }, change === "incomparable" ? "Not comparable" : change[0].toUpperCase() + change.slice(1)),
      change === "incomparable" ? ": the job's label has a format that cannot be set beside this one" : `: the job had ${had}${sure}`));
  }
  return h("section", { class: "card", "aria-label": field.name }, parts);
}

/** How an answer stands to the result. */
function verdictOn({ geometry, label, said, same, near }, at) {
  if (said[at] === null || label.reason !== undefined || label.asAnswered) return "";
  const share = near?.[at];
  if (same[at] || share === 1) return h("span", { class: "as" }, "as the result");
  if (share > 0) return h("span", {}, meter(share), `${percent(Math.min(share, 0.99))} like the result`);
  return geometry !== undefined && !isNumber(share) ? "" : h("span", { class: "not" }, "differs");
}

function votes(label) {
  const cells = label.choices.flatMap(({ name, votes, confidence }) => {
    const share = isNumber(confidence) ? confidence : votes / Math.max(1, label.workers ?? 1);
    const fill = h("i");
    fill.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
    return [h("span", {}, name), h("span", { class: "track", "aria-hidden": "true" }, fill),
      h("span", { class: "soft" }, isNumber(confidence) ? `${two(confidence)} · ` : "", plural(votes, "vote"))];
  });
  return h("div", { class: "votes" }, cells);
}

function marksTable(label) {
  const marks = label.marks.slice(0, 100);
  const made = ({ workers, votes }) => {
    const by = votes === undefined ? "" : ` (${votes.map(([name, n]) => `${name} ${n}`).join(", ")})`;
    return `${workers ?? "–"}${isNumber(label.workers) ? ` of ${label.workers}` : ""}${by}`;
  };
  const rows = marks.map((mark) => [mark.category ?? h("span", { class: "soft" }, "without category"), mark.where ?? "", made(mark), withMeter(mark.confidence)]);
  const shownOf = label.marks.length > marks.length ? h("p", { class: "soft small" }, `the first ${marks.length} of ${number(label.marks.length)}`) : null;
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
