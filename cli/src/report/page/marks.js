// Marks in a text and over an image.

/** The spans of an answer in the text, each in its place; spans that overlap share their common part. */
function highlighted(text, spans) {
  const inside = spans.filter((span) => isNumber(span.startOffset) && isNumber(span.endOffset) && span.startOffset < span.endOffset && span.startOffset < text.length);
  const borders = new Set([0, text.length]);
  for (const span of inside) { borders.add(Math.max(0, span.startOffset)); borders.add(Math.min(text.length, span.endOffset)); }
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, at) => {
    const end = sorted[at + 1];
    const over = inside.filter((span) => span.startOffset <= start && span.endOffset >= end);
    if (over.length === 0) return text.slice(start, end);
    const ending = over.filter((span) => Math.min(text.length, span.endOffset) === end).map((span) => (typeof span.label === "string" ? span.label : "mark"));
    return h("mark", {}, text.slice(start, end), ending.length > 0 && h("small", {}, ending.join(", ")));
  });
}

function readings(data, fields, people) {
  const spanned = fields.filter((field) => field.label.kind === "text-span");
  if (spanned.length === 0) return h("div", { class: "card text", lang: "" }, data.text);
  const spansOf = (one) => spanned.flatMap((field) => list(one === null ? field.label.annotations : field.said[one.at]?.annotations));
  const reading = (one) => h("div", { class: "reading" },
    h("p", { class: "who" }, dot(one === null ? RESULT_COLOR : one.color), one === null ? "result" : one.name),
    h("p", { class: "text" }, highlighted(data.text, spansOf(one))));
  const layers = [null, ...people].map((one) => ({ one, element: reading(one) }));
  const update = () => layers.forEach(({ one, element }) => { element.hidden = isHidden(one); });
  update();
  return h("div", {}, h("div", { class: "card" }, layers.map(({ element }) => element)), toggles(people, true, update));
}

/** Segments on a scale of time, in a lane for the result and for each worker. */
function timeline(fields, people) {
  const segments = (one) => fields.flatMap((field) => list(one === null ? field.label.annotations : field.said[one.at]?.annotations)).filter((mark) => isNumber(mark.start) && isNumber(mark.end));
  const layers = [null, ...people].map((one) => ({ one, marks: segments(one) }));
  const all = layers.flatMap((layer) => layer.marks);
  const from = Math.min(0, ...all.map((mark) => mark.start));
  const span = Math.max(...all.map((mark) => mark.end), from + 1e-9) - from;
  const at = (time) => `${(100 * (time - from)) / span}%`;
  for (const layer of layers) {
    const name = layer.one === null ? "result" : layer.one.name;
    const color = layer.one === null ? RESULT_COLOR : layer.one.color;
    const bars = layer.marks.map((mark) => {
      const label = typeof mark.label === "string" ? mark.label : "without category";
      const bar = h("span", { class: layer.one === null ? "segment result" : "segment", title: `${name}: ${label}, ${mark.start} to ${mark.end}` }, label);
      Object.assign(bar.style, { left: at(mark.start), width: at(from + mark.end - mark.start), borderColor: color });
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
function footprint({ center, dimensions, yaw }) {
  if (![center?.x, center?.y, dimensions?.length, dimensions?.width].every(isNumber)) return null;
  const [cos, sin] = [Math.cos(yaw ?? 0), Math.sin(yaw ?? 0)];
  return [[1, 1], [1, -1], [-1, -1], [-1, 1]].map(([ahead, aside]) => {
    const [length, width] = [(ahead * dimensions.length) / 2, (aside * dimensions.width) / 2];
    return { x: 100 * (center.x + length * cos - width * sin), y: -100 * (center.y + length * sin + width * cos) };
  });
}

/** What the picture shows: the pixels that the form said, else what the marks take. Left, top, width and height. */
function boxOf(marked) {
  const sizes = marked.flatMap((field) => [field.label.imageSize, ...field.said.map((said) => said?.imageSize)]);
  const known = sizes.find((size) => size && isNumber(size.width) && isNumber(size.height) && size.width > 0 && size.height > 0);
  if (known) return [0, 0, known.width, known.height];
  let [left, top, right, bottom] = [0, 0, 0, 0];
  const grow = (x, y) => {
    if (!isNumber(x) || !isNumber(y)) return;
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  };
  for (const field of marked) {
    for (const mark of [field.label, ...field.said].flatMap((members) => list(members?.annotations))) {
      for (const one of [mark, ...list(mark.boxes)]) grow(one.left + one.width, one.top + one.height);
      for (const one of [mark, ...list(mark.vertices), ...(footprint(mark) ?? [])]) grow(one.x, one.y);
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
  const frames = marked.flatMap((field) => [field.label, ...field.said]).flatMap((members) => list(members?.annotations)).flatMap((mark) => list(mark.boxes)).map((one) => one.frame).filter(isNumber);
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
      const members = layer.one === null ? field.label : field.said[layer.one.at];
      const mask = members?.labeledImage;
      if (mask && typeof mask.pngImageData === "string") layer.masks.push(drawMask(mask.pngImageData, layer.one));
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
  const tooLarge = marked.some((field) => [field.label, ...field.said].some((members) => members?.labeledImage && members.labeledImage.pngImageData === null));
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
  const members = one === null ? field.label : field.said[one.at];
  for (const mark of list(members?.annotations)) {
    const shape = (attributes) => outline(field.label.kind, mark, attributes);
    const title = s("title", {}, `${one === null ? "result" : one.name}: ${typeof mark.label === "string" ? mark.label : "without category"}${isNumber(mark.confidence) && one === null ? ` ${two(mark.confidence)}` : ""}`);
    if (one === null) {
      const under = shape({ stroke: "#000000", "stroke-opacity": 0.6, "stroke-width": isNumber(mark.x) ? 15 : 5.5, fill: "none" });
      const over = shape({ stroke: RESULT_COLOR, "stroke-width": isNumber(mark.x) ? 10 : 2.5, fill: "none" });
      if (!under) continue;
      over.append(title);
      group.append(under, over);
      const corner = list(mark.vertices)[0] ?? footprint(mark)?.[0] ?? list(mark.boxes).find((one) => one.frame === frame) ?? mark;
      const [x, y] = isNumber(corner.left) ? [corner.left, corner.top] : [corner.x, corner.y];
      if (isNumber(x) && isNumber(y) && typeof mark.label === "string") {
        const size = side / 42;
        group.append(s("text", { x: Math.max(0, x), y: Math.max(size, y - size / 2), "font-size": size, fill: RESULT_COLOR, stroke: "#000000", "stroke-opacity": 0.75, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" }, mark.label));
      }
    } else {
      const drawnMark = shape({ stroke: one.color, "stroke-width": isNumber(mark.x) ? 9 : 2, fill: field.label.kind === "polyline" ? "none" : one.color, "fill-opacity": 0.09 });
      if (!drawnMark) continue;
      drawnMark.append(title);
      group.append(drawnMark);
    }
  }
}

/** A mark as an outline; nothing for what has none in a picture. */
function outline(kind, mark, attributes) {
  const joined = { "stroke-linejoin": "round", "stroke-linecap": "round", ...attributes };
  if (kind === "track") {
    const box = list(mark.boxes).find((one) => one.frame === frame);
    return box === undefined ? null : outline("bounding-box", box, attributes);
  }
  if (kind === "cuboid") {
    const corners = footprint(mark);
    return corners === null ? null : outline("polygon", { vertices: corners }, attributes);
  }
  if ([mark.left, mark.top, mark.width, mark.height].every(isNumber) && kind === "bounding-box") {
    const turn = isNumber(mark.rotation) ? { transform: `rotate(${mark.rotation} ${mark.left + mark.width / 2} ${mark.top + mark.height / 2})` } : {};
    return s("rect", { x: mark.left, y: mark.top, width: Math.max(0, mark.width), height: Math.max(0, mark.height), ...joined, ...turn });
  }
  if (Array.isArray(mark.vertices)) {
    const points = mark.vertices.filter((one) => isNumber(one.x) && isNumber(one.y)).map((one) => `${one.x},${one.y}`).join(" ");
    return s(kind === "polyline" ? "polyline" : "polygon", { points, ...joined });
  }
  if (isNumber(mark.x) && isNumber(mark.y)) return s("path", { d: `M${mark.x} ${mark.y}h0`, ...joined });
  return null;
}
