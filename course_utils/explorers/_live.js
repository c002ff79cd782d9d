// The browser's part of an explorer, after _play.js, _tools.js and _marks.js: one picture of fixed size, and what the controls need to be usable without a mouse
// or without sight. Everything that moves arrives as the traits `png` and `alt`; nothing is ever queued here.

const QUIET = 700; // ms without a change before the new message is spoken

function picture(model) {
  const image = document.createElement("img");
  image.width = model.get("width");
  image.height = model.get("height");
  let address;
  const show = () => {
    const next = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.src = next;
    if (address) URL.revokeObjectURL(address);
    address = next;
  };
  return { image, show };
}

// Leaves an attribute that is right untouched: even the same value, set again, would call the observer below for ever.
function set(element, name, value) {
  if (element && value && element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Names and spoken values: a slider of ipywidgets has neither, so take the label and the number the learner sees.
function describe(control) {
  const label = control.querySelector(".widget-label")?.textContent.trim();
  const readout = control.querySelector(".widget-readout");
  for (const handle of control.querySelectorAll("[role=slider]")) {
    set(handle, "aria-label", label);
    set(handle, "aria-valuetext", readout?.textContent.trim());
  }
  set(readout, "role", "textbox");
  set(readout, "aria-label", `${label}, value`);
  set(control.querySelector("select"), "aria-label", label);
}

// The sliders have no steps (see _controls.py), so the keys that make a step are answered here.
const STEPS = { ArrowRight: 1, ArrowUp: 1, PageUp: 5, ArrowLeft: -1, ArrowDown: -1, PageDown: -5 };

function stepByKey(event, steps) {
  const handle = event.target.closest("[role=slider]");
  const step = steps[handle?.getAttribute("aria-label")];
  const slider = handle?.closest(".noUi-target:not([disabled])")?.noUiSlider;
  if (!slider || !step || !(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
  // From where the handle stands, not from the nearest multiple: one step there and one back is where one was.
  slider.set(Number([slider.get()].flat()[0]) + STEPS[event.key] * step);
  event.preventDefault();
  event.stopPropagation();
}

// Keys that move a control must not also move the notebook's selection or trigger its one-letter shortcuts.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.key === "Enter" && event.shiftKey)) return;
  const moves = /^(Arrow\w+|Page(Up|Down)|Home|End|Enter|Backspace|Delete)$/;
  if (event.key.length === 1 || moves.test(event.key)) event.stopPropagation();
}

// Gives every slider of time that has come into the page its buttons, and greys them out with the slider.
function equip(root, players, model, signal) {
  for (const [name, label] of Object.entries(model.get("playback"))) {
    const control = root.querySelector(`.course-control-${name}`);
    const target = control?.querySelector(".noUi-target");
    if (!target?.noUiSlider) continue;
    if (!players.has(control)) players.set(control, addPlayer(control, target.noUiSlider, name, label, model, signal));
    players.get(control)(target.hasAttribute("disabled"));
  }
}

// After the kernel has gone, JupyterLab marks the widgets. The picture stays; controls that move nothing are put to rest.
function restWithoutKernel(root, note, signal) {
  const look = () => {
    const gone = root.classList.contains("jupyter-widgets-disconnected");
    for (const part of root.querySelectorAll(".course-presets, .course-controls, .course-reset, .course-grip")) part.inert = gone;
    note.textContent = gone ? "The kernel that drew this is gone: run the cell again." : "";
  };
  const watcher = new MutationObserver(look);
  watcher.observe(root, { attributes: true, attributeFilter: ["class"] });
  signal.addEventListener("abort", () => watcher.disconnect());
  look();
}

function adopt(root, model, signal) {
  const steps = model.get("steps");
  const players = new WeakMap();
  set(root, "role", "group");
  set(root, "aria-label", model.get("title"));
  const describeAll = () => {
    root.querySelectorAll(".course-control").forEach(describe);
    equip(root, players, model, signal);
    const presets = root.querySelector(".course-presets");
    set(presets, "role", "group");
    set(presets, "aria-label", "Presets");
  };
  root.addEventListener("keydown", (event) => stepByKey(event, steps), { signal, capture: true });
  root.addEventListener("keydown", keepKeys, { signal });
  const watcher = new MutationObserver(describeAll);
  const attributes = { attributes: true, attributeFilter: ["aria-valuetext", "aria-label", "disabled"] };
  watcher.observe(root, { subtree: true, childList: true, characterData: true, ...attributes });
  signal.addEventListener("abort", () => watcher.disconnect());
  describeAll();
}

// Tells the kernel how fine the screen is, so that it paints no pixel that cannot be seen. (A zoom is a resize, too.)
function sharpen(model) {
  const scale = Math.min(2, Math.max(1, Math.ceil(4 * window.devicePixelRatio) / 4));
  if (scale === model.get("scale")) return;
  model.set("scale", scale);
  model.save_changes();
}

export default {
  render({ model, el }) {
    const closing = new AbortController();
    const { image, show } = picture(model);
    const spoken = document.createElement("div");
    spoken.className = "course-spoken";
    spoken.setAttribute("aria-live", "polite");
    let timer;
    const announce = () => {
      image.alt = model.get("alt");
      clearTimeout(timer);
      timer = setTimeout(() => { spoken.textContent = model.get("alt"); }, QUIET);
    };
    model.on("change:png", show);
    model.on("change:alt", announce);
    const frame = document.createElement("div");
    frame.className = "course-picture";
    frame.append(image);
    const gone = document.createElement("div");
    gone.className = "course-gone";
    gone.setAttribute("role", "status");
    addHover(model, frame, image, closing.signal);
    addGrips(model, frame, image, closing.signal);
    el.append(gone, frame, tools(model, closing.signal), spoken);
    image.alt = model.get("alt");
    show();
    sharpen(model);
    window.addEventListener("resize", () => sharpen(model), { signal: closing.signal });

    // The controls around the picture come into the page later than the picture itself: wait until it is seen.
    const arrival = new IntersectionObserver(() => {
      const root = el.closest(".course-explorer");
      if (!root) return;
      arrival.disconnect();
      adopt(root, model, closing.signal);
      restWithoutKernel(root, gone, closing.signal);
    });
    arrival.observe(image);

    return () => {
      clearTimeout(timer);
      arrival.disconnect();
      closing.abort();
      model.off("change:png", show);
      model.off("change:alt", announce);
      URL.revokeObjectURL(image.src);
    };
  },
};
