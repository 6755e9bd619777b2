// Moving about: views, keys, and the start.

const VIEWS = ["overview", "objects", "workers"];

function go(view) {
  location.hash = `#/${view}`;
}

function route() {
  const [, view, idx] = location.hash.match(/^#\/(overview|objects|workers)(?:\/(\d+))?$/) ?? [null, "overview"];
  for (const one of VIEWS) {
    byId(`view-${one}`).hidden = one !== view;
    if (one === view) byId(`tab-${one}`).setAttribute("aria-current", "page");
    else byId(`tab-${one}`).removeAttribute("aria-current");
  }
  if (view === "workers") {
    if (idx !== undefined && Number(idx) < workers.length) drawWorker(Number(idx));
    else drawWorkers();
  }
  if (view === "objects") {
    drawRows();
    if (idx !== undefined && Number(idx) < index.length) select(Number(idx));
    else if (shown.includes(selected)) select(selected);
    else if (shown.length > 0) select(shown[0]);
    else nothing();
  }
}

function nothing() {
  selected = -1;
  drawn = -1;
  byId("detail").replaceChildren(h("p", { class: "empty" }, index.length === 0 ? "The job has no objects." : "No object fits the filter."));
}

function refilter() {
  applyFilter();
  if (byId("view-objects").hidden) return;
  if (shown.length === 0) nothing();
  else if (!shown.includes(selected)) select(shown[0]);
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isHelpOpen = byId("help").open;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape") {
    if (isHelpOpen) return;
    if (!byId("view-objects").hidden) byId("list").focus();
    else event.target.blur();
    event.preventDefault();
    return;
  }
  if (typing || isHelpOpen) return;
  const objects = !byId("view-objects").hidden;
  const actions = {
    "?": () => byId("help").showModal(),
    "/": () => { if (!objects) go("objects"); setTimeout(() => byId("search").focus(), 0); },
    "1": () => go("overview"), "2": () => go("objects"), "3": () => go("workers"),
  };
  if (objects) {
    Object.assign(actions, {
      j: () => step(1), k: () => step(-1),
      r: () => { hidden.result = !hidden.result; redraw(); },
      w: () => { flipAll(); redraw(); },
    });
    if (event.target === byId("list") || event.target === document.body) {
      Object.assign(actions, { ArrowDown: () => step(1), ArrowUp: () => step(-1), PageDown: () => step(8), PageUp: () => step(-8), Home: () => step(-shown.length), End: () => step(shown.length), Enter: () => byId("detail").focus() });
    }
  }
  if (Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  }
}

function flipAll() {
  if (selected < 0) return;
  const here = objectAt(selected).answers.map((answer) => answer.worker);
  if (here.some((worker) => !hidden.workers.has(worker))) here.forEach((worker) => hidden.workers.add(worker));
  else hidden.workers.clear();
}

function redraw() {
  if (selected < 0) return;
  const top = byId("detail").scrollTop;
  drawObject(selected);
  byId("detail").scrollTop = top;
}

function setTheme(theme) {
  document.documentElement.setAttribute("data-theme", theme);
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

function start() {
  const job = overview.job ?? "without a name";
  document.title = `${job} – labeling job`;
  byId("job-name").textContent = job;
  const options = (id, all) => byId(id).replaceChildren(...all.map(([value, text]) => h("option", { value }, text)));
  options("filter-state", [["", "Any state"], ["labeled", "Labeled"], ["unresolved", "Unresolved"], ["failed", "Failed"], ["unlabeled", "Without label"], ["changed", "Changed"]]);
  options("filter-field", [["", "Any field"], ...fieldNames.map((name) => [name, name])]);
  options("filter-worker", [["", "Any worker"], ...workers.map((worker, idx) => [String(idx), worker.worker])]);
  options("sort", Object.entries(ORDERS).map(([key, order]) => [key, order.name]));
  byId("sort").value = filter.sort;
  const bind = (id, key, event) => byId(id).addEventListener(event, () => { filter[key] = byId(id).value; refilter(); });
  bind("search", "text", "input");
  bind("filter-state", "state", "change");
  bind("filter-field", "field", "change");
  bind("filter-worker", "worker", "change");
  bind("sort", "sort", "change");
  byId("filters").addEventListener("submit", (event) => { event.preventDefault(); byId("list").focus(); });
  byId("list").addEventListener("scroll", () => requestAnimationFrame(drawRows));
  window.addEventListener("resize", () => { if (!byId("view-objects").hidden) drawRows(); });
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  setTheme(prefersDark.matches ? "dark" : "light");
  prefersDark.addEventListener("change", () => setTheme(prefersDark.matches ? "dark" : "light"));
  byId("theme").addEventListener("click", () => setTheme(document.documentElement.getAttribute("data-theme") === "dark" ? "light" : "dark"));
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  document.addEventListener("keydown", press);
  window.addEventListener("hashchange", route);
  drawOverview();
  applyFilter();
  route();
}

start();
