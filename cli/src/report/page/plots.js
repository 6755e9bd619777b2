// Plots, drawn at one size: a card holds one, and narrow screens scale it down.

const PLOT = { width: 340, height: 170, left: 42, right: 12, top: 24, bottom: 36 };
const INNER = { width: PLOT.width - PLOT.left - PLOT.right, height: PLOT.height - PLOT.top - PLOT.bottom };

/** The least of 1, 2, 4, 6, 8, 10, 20, … that is not below a number. */
function roundUp(number) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, number)));
  return [1, 2, 4, 6, 8, 10].map((one) => one * unit).find((one) => one >= number);
}

/** A plot with nothing in it: an axis of counts, and under it ticks as [position between 0 and 1, text]. */
function axes(label, highest, unit, ticks, below) {
  const { left, right, top, bottom, width, height } = PLOT;
  const level = (count) => height - bottom - (INNER.height * count) / highest;
  const counts = highest % 2 === 0 || highest >= 10 ? [0, highest / 2, highest] : [0, highest];
  const text = (x, y, anchor, content) => s("text", { x, y, "text-anchor": anchor }, content);
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": label },
    counts.map((count) => [s("line", { x1: left, x2: width - right, y1: level(count), y2: level(count), class: "axis" }), text(left - 7, level(count) + 4, "end", number(count))]),
    text(4, 11, "start", unit),
    ticks.map(([position, content]) => text(left + position * INNER.width, height - bottom + 15, position < 0.02 ? "start" : position > 0.98 ? "end" : "middle", content)),
    text(left + INNER.width / 2, height - 4, "middle", below));
}

/** Bars from left to right, each with what it counts. */
function bars(label, unit, counts, names, ticks, below) {
  const highest = roundUp(Math.max(...counts));
  const said = counts.map((count, idx) => (count > 0 ? `${names[idx]}: ${number(count)}` : null)).filter(Boolean);
  const plot = axes(`${label}. ${said.join("; ")}`, highest, unit, ticks, below);
  const step = INNER.width / counts.length;
  counts.forEach((count, idx) => {
    const tall = (INNER.height * count) / highest;
    const [x, bottom] = [PLOT.left + idx * step, PLOT.height - PLOT.bottom];
    const shown = s("rect", { x: x + step * 0.08, y: bottom - tall, width: step * 0.84, height: tall, class: "fill" });
    // The whole column tells its count, or small ones could not be hit.
    const target = s("rect", { x, y: PLOT.top, width: step, height: INNER.height, class: "target" });
    target.append(s("title", {}, `${names[idx]}: ${number(count)}`));
    plot.append(shown, target);
  });
  return plot;
}

/** A rising curve from nothing through equally distant values. */
function curve(label, unit, values, ticks, below) {
  const highest = roundUp(Math.max(...values));
  const plot = axes(label, highest, unit, ticks, below);
  const bottom = PLOT.height - PLOT.bottom;
  const all = [0, ...values];
  const x = (idx) => PLOT.left + (idx * INNER.width) / (all.length - 1);
  const path = all.map((value, idx) => `${idx ? "L" : "M"}${x(idx).toFixed(1)} ${(bottom - (INNER.height * value) / highest).toFixed(1)}`).join("");
  plot.append(s("path", { d: `${path}L${x(all.length - 1)} ${bottom}L${x(0)} ${bottom}Z`, class: "area" }), s("path", { d: path, class: "curve" }));
  return plot;
}

/** A row per field: its value as a dot, the interval as a line, both on a scale that ends at 1. */
function intervals(label, rows) {
  const left = 18 + 7 * Math.min(24, Math.max(...rows.map((row) => row.name.length)));
  const [width, right, rowHeight] = [680, 60, 30];
  const height = rows.length * rowHeight + 44;
  const least = Math.min(0, ...rows.map((row) => row.interval?.low ?? row.value));
  const from = Math.max(-1, Math.floor(least * 5) / 5);
  const x = (value) => left + ((Math.max(from, value) - from) / (1 - from)) * (width - left - right);
  const line = (value, kind) => s("line", { x1: x(value), x2: x(value), y1: 6, y2: height - 36, class: kind });
  const tick = (value) => s("text", { x: x(value), y: height - 20, "text-anchor": "middle" }, two(value).replace(/\.?0+$/, ""));
  const guides = [0.667, 0.8];
  const said = rows.map((row) => `${row.name} ${two(row.value)}${row.interval ? ` (${range(row.interval)})` : ""}`);
  const plot = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot wide", role: "img", "aria-label": `${label}: ${said.join("; ")}` },
    [...(from < 0 ? [from] : []), 0, 0.5, 1].map((value) => [line(value, "axis"), tick(value)]),
    guides.map((value) => line(value, "guide")),
    s("text", { x: x(0.667), y: height - 4, "text-anchor": "end" }, "0.667 tentative"), s("text", { x: x(0.8), y: height - 4, "text-anchor": "start" }, "0.8 reliable"));
  rows.forEach((row, idx) => {
    const y = 6 + rowHeight * (idx + 0.5);
    const group = s("g", {}, s("title", {}, said[idx]),
      s("text", { x: left - 14, y: y + 4, "text-anchor": "end", class: "name" }, shortened(row.name, 24)),
      row.interval && s("line", { x1: x(row.interval.low), x2: x(row.interval.high), y1: y, y2: y, class: "whisker" }),
      s("circle", { cx: x(row.value), cy: y, r: 5.5, class: "fill" }),
      s("text", { x: width - 4, y: y + 4, "text-anchor": "end", class: "name" }, two(row.value)));
    plot.append(group);
  });
  return plot;
}

/** A matrix of numbers, darker where there is more. `cell` gives text, share between 0 and 1, and what it says at length. */
function matrix(corner, rows, columns, cell) {
  const longest = columns.length > 6 ? 9 : 18;
  const heads = columns.map((name) => h("th", { scope: "col", class: "n", title: name }, shortened(name, longest)));
  const body = rows.map((row, at) => h("tr", {}, h("th", { scope: "row", title: row }, shortened(row, 28)), columns.map((_, column) => {
    const found = cell(at, column);
    if (found === null) return h("td", { class: "n soft" }, "–");
    const one = h("td", { class: "n heat", title: found.title }, found.text);
    one.style.setProperty("--share", String(Math.round(55 * found.share)));
    return one;
  })));
  return h("div", { class: "scroll" }, h("table", { class: "matrix" }, h("thead", {}, h("tr", {}, h("td", { class: "soft small" }, corner), heads)), h("tbody", {}, body)));
}
