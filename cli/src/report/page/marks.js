// Marks in a text and over an image.

/** The marks of a field that are drawn: of the result, or of what one worker said. */
const drawnOf = (field, one) => ((one === null ? field.label : field.said[one.at])?.marks ?? []).filter((mark) => mark.shape !== undefined);
/** Those of everybody. */
const allDrawn = (field) => [field.label, ...field.said].flatMap((said) => said?.marks ?? []).filter((mark) => mark.shape !== undefined);

/** The spans of an answer in the text, each in its place; spans that overlap share their common part. */
function highlighted(text, spans) {
  const inside = spans.filter(({ shape }) => shape.start < shape.end && shape.start < text.length);
  const borders = new Set([0, text.length]);
  for (const { shape } of inside) { borders.add(shape.start); borders.add(Math.min(text.length, shape.end)); }
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, at) => {
    const end = sorted[at + 1];
    const over = inside.filter(({ shape }) => shape.start <= start && shape.end >= end);
    if (over.length === 0) return text.slice(start, end);
    const ending = over.filter(({ shape }) => Math.min(text.length, shape.end) === end).map((span) => span.category ?? "mark");
    return h("mark", {}, text.slice(start, end), ending.length > 0 && h("small", {}, ending.join(", ")));
  });
}

function readings(text, spanned, people) {
  if (spanned.length === 0) return h("div", { class: "card text", lang: "" }, text);
  const spansOf = (one) => spanned.flatMap((field) => drawnOf(field, one));
  const reading = (one) => h("div", { class: "reading" },
    h("p", { class: "who" }, dot(one === null ? RESULT_COLOR : one.color), one === null ? "result" : one.name),
    h("p", { class: "text" }, highlighted(text, spansOf(one))));
  const layers = [null, ...people].map((one) => ({ one, element: reading(one) }));
  const update = () => layers.forEach(({ one, element }) => { element.hidden = isHidden(one); });
  update();
  return h("div", {}, h("div", { class: "card" }, layers.map(({ element }) => element)), toggles(people, true, update));
}

/** Segments on a scale of time, in a lane for the result and for each worker. */
function timeline(fields, people) {
  const layers = [null, ...people].map((one) => ({ one, marks: fields.flatMap((field) => drawnOf(field, one)) }));
  const all = layers.flatMap((layer) => layer.marks);
  const from = Math.min(0, ...all.map(({ shape }) => shape.start));
  const span = Math.max(...all.map(({ shape }) => shape.end), from + 1e-9) - from;
  const at = (time) => `${(100 * (time - from)) / span}%`;
  for (const layer of layers) {
    const name = layer.one === null ? "result" : layer.one.name;
    const color = layer.one === null ? RESULT_COLOR : layer.one.color;
    const bars = layer.marks.map(({ category, shape: { start, end } }) => {
      const label = category ?? "without category";
      const bar = h("span", { class: layer.one === null ? "segment result" : "segment", title: `${name}: ${label}, ${start} to ${end}` }, label);
      Object.assign(bar.style, { left: at(start), width: at(from + end - start), borderColor: color });
      return bar;
    });
    layer.element = h("div", { class: "lane" }, h("span", { class: "who" }, dot(color), name), h("div", { class: "track" }, bars));
  }
  const ticks = h("div", { class: "lane ticks" }, h("span"), h("div", {}, [0, 0.25, 0.5, 0.75, 1].map((part) => h("span", {}, String(Number((from + part * span).toPrecision(4)))))));
  const update = () => layers.forEach(({ one, element }) => { element.hidden = isHidden(one); });
  update();
  return h("div", {}, h("div", { class: "card" }, layers.map(({ element }) => element), ticks), toggles(people, true, update));
}

/** The corners of a cuboid seen from above: x to the right, y up; in centimeters, as browsers cannot draw small letters. */
function footprint({ center: [x, y], dimensions: [length, width], yaw }) {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  return [[1, 1], [1, -1], [-1, -1], [-1, 1]].map(([forward, side]) => {
    const [ahead, aside] = [(forward * length) / 2, (side * width) / 2];
    return [100 * (x + ahead * cos - aside * sin), -100 * (y + ahead * sin + aside * cos)];
  });
}

/** The points that a shape reaches to. */
function reach(geometry, shape) {
  const ofBox = ({ left, top, width, height }) => [left + width, top + height];
  switch (geometry) {
    case "box": return [ofBox(shape)];
    case "track": return shape.frames.map(({ box }) => ofBox(box));
    case "point": return [[shape.x, shape.y]];
    case "cuboid": return footprint(shape);
    default: return shape.points;
  }
}

/** What the picture shows: the pixels that the form said, else what the marks take. Left, top, width and height. */
function boxOf(marked) {
  const known = marked.find((field) => field.size !== undefined);
  if (known) return [0, 0, ...known.size];
  let [left, top, right, bottom] = [0, 0, 0, 0];
  for (const field of marked) {
    for (const [x, y] of allDrawn(field).flatMap(({ shape }) => reach(field.geometry, shape))) {
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  }
  const [width, height] = [right - left, bottom - top];
  const by = (side) => side - 0.08 * Math.max(width, height);
  return width > 0 && height > 0 ? [left && by(left), top && by(top), Math.ceil(width * (left ? 1.16 : 1.08)), Math.ceil(height * (top ? 1.16 : 1.08))] : [0, 0, 640, 400];
}

/** The frame of a video that is shown. */
let frame = 0;

function picture(data, marked, people) {
  const stage = h("div", { class: "stage", role: "img", "aria-label": "The image with the marks of the result and of each worker; the tables below say the same" });
  const drawing = s("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  const caption = h("p", { class: "soft small caption", role: "status" });
  const layers = [...people, null].map((one) => ({ one, group: s("g"), masks: [] }));
  const fit = ([left, top, width, height]) => {
    drawing.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    stage.style.aspectRatio = `${width} / ${height}`;
    stage.style.maxWidth = `min(100%, ${Math.max(width, 720)}px, calc(62vh * ${width / height}))`;
    for (const layer of layers) {
      layer.group.replaceChildren();
      for (const field of marked) drawMarks(layer.group, field, layer.one, Math.max(width, height));
    }
  };
  const box = boxOf(marked);
  const frames = marked.flatMap(allDrawn).flatMap(({ shape }) => shape.frames ?? []).map((one) => one.frame);
  frame = Math.min(...frames);
  fit(box);
  if (data.image !== undefined) {
    const image = h("img", { alt: "", class: box[2] < 120 ? "crisp" : "" });
    const [width, height] = data.image.size ?? [];
    image.addEventListener("load", () => fit([0, 0, width ?? image.naturalWidth, height ?? image.naturalHeight]));
    image.addEventListener("error", () => { image.remove(); caption.textContent = isExpired() ? `The address of the image expired at ${clock(overview.imagesUntil)} UTC.` : "The image could not be loaded."; });
    image.referrerPolicy = "no-referrer";
    image.src = data.image.src;
    stage.append(image);
  } else {
    caption.textContent = data.above ? `Seen from above: ${two(box[2] / 100)} × ${two(box[3] / 100)} meters.` : `The image, of ${box[2]} × ${box[3]} pixels, is not in this page.`;
  }
  for (const layer of layers) {
    for (const field of marked) {
      const mask = (layer.one === null ? field.label : field.said[layer.one.at])?.mask;
      if (mask !== undefined) layer.masks.push(drawMask(mask, layer.one));
    }
  }
  stage.append(...[...layers].reverse().flatMap((layer) => layer.masks));
  drawing.append(...layers.map((layer) => layer.group));
  stage.append(drawing);
  const update = () => layers.forEach(({ one, group, masks }) => {
    group.setAttribute("class", isHidden(one) ? "off" : "");
    group.style.display = isHidden(one) ? "none" : "";
    masks.forEach((mask) => { mask.hidden = isHidden(one); });
  });
  update();
  const tooLarge = marked.some((field) => field.lacksMask);
  return h("div", {}, stage, caption, frames.length > 0 && frameSlider(frames, () => fit(box)), marked.length > 0 && toggles(people, true, update), tooLarge && h("p", { class: "soft small" }, "A mask is too large for this page and not shown."));
}

function frameSlider(frames, onChange) {
  const output = h("output", { class: "small" }, `frame ${frame}`);
  const slider = h("input", { type: "range", min: Math.min(...frames), max: Math.max(...frames), step: 1, value: frame, "aria-label": "Frame", oninput: () => {
    frame = Number(slider.value);
    output.textContent = `frame ${frame}`;
    onChange();
  } });
  return h("div", { class: "frames" }, slider, output);
}

/** A mask: the result's classes half transparent, a worker's as outlines in the worker's color. The engine wrote the PNG, no
 *  worker did; its background is white. */
function drawMask(png, one) {
  const canvas = h("canvas", { class: "crisp" });
  const image = new Image();
  image.addEventListener("load", () => {
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const colors = new Uint32Array(pixels.data.buffer.slice(0));
    const thick = Math.max(1, Math.round(canvas.width / 300));
    const isBorder = (at) => [thick, -thick, thick * canvas.width, -thick * canvas.width].some((by) => colors[at + by] !== colors[at]);
    const line = one === null ? null : one.color.match(/[0-9a-f]{2}/g).map((part) => parseInt(part, 16));
    for (let at = 0; at < colors.length; at += 1) {
      const alpha = colors[at] === 0xffffffff ? 0 : one === null ? 130 : isBorder(at) ? 255 : 0;
      if (line !== null) pixels.data.set(line, 4 * at);
      pixels.data[4 * at + 3] = alpha;
    }
    context.putImageData(pixels, 0, 0);
  });
  image.src = `data:image/png;base64,${png.replace(/[^A-Za-z0-9+/=]/g, "")}`;
  return canvas;
}

function drawMarks(group, field, one, side) {
  const isPoint = field.geometry === "point";
  for (const { category, confidence, shape } of drawnOf(field, one)) {
    const drawn = (attributes) => outline(field.geometry, shape, attributes);
    const title = s("title", {}, `${one === null ? "result" : one.name}: ${category ?? "without category"}${isNumber(confidence) && one === null ? ` ${two(confidence)}` : ""}`);
    if (one === null) {
      const under = drawn({ stroke: "#000000", "stroke-opacity": 0.6, "stroke-width": isPoint ? 15 : 5.5, fill: "none" });
      const over = drawn({ stroke: RESULT_COLOR, "stroke-width": isPoint ? 10 : 2.5, fill: "none" });
      if (!under) continue;
      over.append(title);
      group.append(under, over);
      const point = corner(field.geometry, shape);
      if (category !== undefined && point !== undefined) {
        const [x, y] = point;
        const size = side / 42;
        group.append(s("text", { x: Math.max(0, x), y: Math.max(size, y - size / 2), "font-size": size, fill: RESULT_COLOR, stroke: "#000000", "stroke-opacity": 0.75, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" }, category));
      }
    } else {
      const drawnMark = drawn({ stroke: one.color, "stroke-width": isPoint ? 9 : 2, fill: field.geometry === "polyline" ? "none" : one.color, "fill-opacity": 0.09 });
      if (!drawnMark) continue;
      drawnMark.append(title);
      group.append(drawnMark);
    }
  }
}

const boxInFrame = (shape) => shape.frames.find((one) => one.frame === frame)?.box;

/** Where the name of a mark stands. */
function corner(geometry, shape) {
  switch (geometry) {
    case "box": return [shape.left, shape.top];
    case "track": return corner("box", boxInFrame(shape));
    case "point": return [shape.x, shape.y];
    case "cuboid": return footprint(shape)[0];
    default: return shape.points[0];
  }
}

/** A mark as an outline; nothing for a track that is not in the frame. */
function outline(geometry, shape, attributes) {
  const joined = { "stroke-linejoin": "round", "stroke-linecap": "round", ...attributes };
  switch (geometry) {
    case "box": {
      const { left, top, width, height, rotation } = shape;
      const turn = rotation === undefined ? {} : { transform: `rotate(${rotation} ${left + width / 2} ${top + height / 2})` };
      return s("rect", { x: left, y: top, width: Math.max(0, width), height: Math.max(0, height), ...joined, ...turn });
    }
    case "track": {
      const box = boxInFrame(shape);
      return box === undefined ? null : outline("box", box, attributes);
    }
    case "cuboid": return outline("polygon", { points: footprint(shape) }, attributes);
    case "point": return s("path", { d: `M${shape.x} ${shape.y}h0`, ...joined });
    default: return s(geometry, { points: shape.points.map((point) => point.join(",")).join(" "), ...joined });
  }
}
