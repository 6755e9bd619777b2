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

/** Pixels of the picture: of the image once it is there, else as the form said, else what the marks take. */
function sizeOf(marked) {
  const sizes = marked.flatMap((field) => [field.label.imageSize, ...field.said.map((said) => said?.imageSize)]);
  const known = sizes.find((size) => size && isNumber(size.width) && isNumber(size.height) && size.width > 0 && size.height > 0);
  if (known) return [known.width, known.height];
  let [right, bottom] = [0, 0];
  const grow = (x, y) => { if (isNumber(x) && isNumber(y)) { right = Math.max(right, x); bottom = Math.max(bottom, y); } };
  for (const field of marked) {
    for (const mark of [field.label, ...field.said].flatMap((members) => list(members?.annotations))) {
      grow(mark.left + mark.width, mark.top + mark.height);
      grow(mark.x, mark.y);
      list(mark.vertices).forEach((one) => grow(one.x, one.y));
    }
  }
  return right > 0 && bottom > 0 ? [Math.ceil(right * 1.08), Math.ceil(bottom * 1.08)] : [640, 400];
}

function picture(data, marked, people) {
  const stage = h("div", { class: "stage", role: "img", "aria-label": "The image with the marks of the result and of each worker; the tables below say the same" });
  const drawing = s("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  const away = (why) => stage.prepend(h("div", { class: "away" }, h("span", {}, why, h("br"), data.uri ?? "")));
  const layers = [...people, null].map((one) => ({ one, group: s("g"), masks: [] }));
  const fit = ([width, height]) => {
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    stage.style.aspectRatio = `${width} / ${height}`;
    stage.style.maxWidth = `min(100%, ${Math.max(width, 720)}px, calc(62vh * ${width / height}))`;
    for (const layer of layers) {
      layer.group.replaceChildren();
      for (const field of marked) drawMarks(layer.group, field, layer.one, width);
    }
  };
  const size = sizeOf(marked);
  fit(size);
  if (data.image !== undefined) {
    const image = h("img", { alt: "", class: size[0] < 120 ? "crisp" : "" });
    image.addEventListener("load", () => fit([image.naturalWidth, image.naturalHeight]));
    image.addEventListener("error", () => { image.remove(); away("The image could not be loaded:"); });
    image.referrerPolicy = "no-referrer";
    image.src = data.image;
    stage.append(image);
  } else {
    away(`Image of ${size[0]} × ${size[1]} pixels, not in this page:`);
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
  return h("div", {}, stage, marked.length > 0 && toggles(people, true, update), tooLarge && h("p", { class: "soft small" }, "A mask is too large for this page and not shown."));
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

function drawMarks(group, field, one, width) {
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
      const corner = list(mark.vertices)[0] ?? mark;
      const [x, y] = isNumber(mark.left) ? [mark.left, mark.top] : [corner.x, corner.y];
      if (isNumber(x) && isNumber(y) && typeof mark.label === "string") {
        const size = width / 42;
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
