// What lies on the picture: points that say their value under the mouse, and grips that can be dragged. The points come
// with the picture, so that hovering never asks the kernel; a drag sends one trait, of which only the last value counts.

const REACH = 12; // CSS pixels from the mouse to the nearest point that speaks

function place(element, x, y, unit) {
  element.style.left = `${x * unit}px`;
  element.style.top = `${y * unit}px`;
}

function addHover(model, frame, image, signal) {
  const ring = document.createElement("div");
  const tip = document.createElement("div");
  ring.className = "course-ring";
  tip.className = "course-tip";
  for (const part of [ring, tip]) {
    part.hidden = true;
    part.setAttribute("aria-hidden", "true"); // the alternative text has the message
  }
  frame.append(ring, tip);
  let mouse;

  function show() {
    const unit = image.clientWidth / model.get("width");
    let nearest, least = REACH;
    for (const point of mouse ? model.get("hover") : []) {
      const distance = Math.hypot(point[0] * unit - mouse.x, point[1] * unit - mouse.y);
      if (distance <= least) [nearest, least] = [point, distance];
    }
    ring.hidden = tip.hidden = !nearest;
    if (!nearest) return;
    const [x, y, text] = nearest;
    tip.textContent = text;
    place(ring, x, y, unit);
    place(tip, x, y, unit);
    tip.classList.toggle("course-tip-left", x * unit + tip.offsetWidth + 12 > image.clientWidth);
    tip.classList.toggle("course-tip-below", y * unit < tip.offsetHeight + 12);
  }
  const move = (event) => {
    const box = image.getBoundingClientRect();
    mouse = { x: event.clientX - box.left, y: event.clientY - box.top };
    show();
  };
  frame.addEventListener("pointermove", move, { signal });
  frame.addEventListener("pointerleave", () => { mouse = undefined; show(); }, { signal });
  model.on("change:hover", show);
  signal.addEventListener("abort", () => model.off("change:hover", show));
}

function addGrips(model, frame, image, signal) {
  const parts = new Map();

  function grip(name) {
    const part = document.createElement("div");
    part.className = "course-grip";
    part.setAttribute("aria-hidden", "true"); // the sliders do the same by keyboard
    part.dataset.grip = name;
    part.title = `drag: ${model.get("drags")[name]}`;
    part.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      part.setPointerCapture(event.pointerId);
      event.preventDefault();
      event.stopPropagation();
    });
    part.addEventListener("pointermove", (event) => {
      if (!part.hasPointerCapture(event.pointerId)) return;
      const box = image.getBoundingClientRect();
      const unit = box.width / model.get("width");
      const count = (model.get("dragged").count ?? 0) + 1; // the same place twice is two drags
      model.set("dragged", { grip: name, x: (event.clientX - box.left) / unit, y: (event.clientY - box.top) / unit, count });
      model.save_changes();
    });
    frame.append(part);
    return part;
  }
  function show() {
    const unit = (image.clientWidth || model.get("width")) / model.get("width");
    const places = model.get("grips");
    for (const name of Object.keys(places)) if (!parts.has(name)) parts.set(name, grip(name));
    for (const [name, part] of parts) {
      part.hidden = !(name in places);
      if (name in places) place(part, ...places[name], unit);
    }
  }
  const resized = new ResizeObserver(show);
  resized.observe(image);
  model.on("change:grips", show);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    model.off("change:grips", show);
  });
  show();
}
