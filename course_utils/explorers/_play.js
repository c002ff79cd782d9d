// Play, pause and single steps beside a slider that says how far in time a scene has gone. The next step is sent only
// after the picture of the last one has come, so that steps never pile up.

const PACE = 1000 / 12; // ms from one step to the next, at least
const SILENCE = 2000; // ms without the picture of the last step: the kernel is at something else
const SHAPES = { back: "M3 2h2v12H3z M13 2v12L6 8z", play: "M3 2l11 6-11 6z", pause: "M3 2h4v12H3z M9 2h4v12H9z", forward: "M11 2h2v12h-2z M3 2v12l7-6z" };

function iconButton(shape, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "course-icon";
  button.innerHTML = '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill="currentColor"/></svg>';
  button.addEventListener("click", onClick);
  button.shape = (name, label) => {
    button.querySelector("path").setAttribute("d", SHAPES[name]);
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  button.shape(shape, "");
  return button;
}

// `control` is the slider's element, `name` the explorer's name for it, `label` the learner's.
function addPlayer(control, slider, name, label, model, signal) {
  const { min, max } = slider.options.range;
  const at = () => Math.round(Number([slider.get()].flat()[0]));
  let playing = false;
  let expected = at(); // where this player has put the handle; anywhere else, and somebody else has moved it
  let sent, timer;

  const note = document.createElement("span");
  note.className = "course-play-note";
  note.setAttribute("role", "status");
  const back = iconButton("back", () => stepTo(at() - 1));
  const toggle = iconButton("play", () => (playing ? stop() : play()));
  const forward = iconButton("forward", () => stepTo(at() + 1));
  back.shape("back", `One back: ${label}`);
  forward.shape("forward", `One forward: ${label}`);

  function show() {
    toggle.shape(playing ? "pause" : "play", `${playing ? "Pause" : "Play"}: ${label}`);
  }
  function goTo(position) {
    expected = Math.min(max, Math.max(min, position));
    slider.set(expected);
  }
  function stop(why = "") {
    clearTimeout(timer);
    playing = false;
    note.textContent = why;
    show();
  }
  function stepTo(position) {
    stop();
    goTo(position);
  }
  function play() {
    playing = true;
    note.textContent = "";
    show();
    if (at() >= max) send(min);
    else send(at() + 1);
  }
  function send(position) {
    sent = performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => stop("Paused: the kernel does not answer."), SILENCE);
    goTo(position);
  }
  function arrived() {
    if (!playing || model.get("shown")[name] !== expected) return;
    clearTimeout(timer);
    if (expected >= max) return stop();
    timer = setTimeout(next, Math.max(0, sent + PACE - performance.now()));
  }
  function next() {
    if (document.hidden || !control.isConnected || control.offsetParent === null) stop();
    else send(expected + 1);
  }

  slider.on("update.course", () => {
    if (at() === expected) return;
    expected = at();
    if (playing) stop();
  });
  model.on("change:shown", arrived);
  document.addEventListener("visibilitychange", () => playing && document.hidden && stop(), { signal });
  signal.addEventListener("abort", () => {
    stop();
    model.off("change:shown", arrived);
    slider.off?.("update.course");
  });

  const group = document.createElement("div");
  group.className = "course-player";
  group.append(back, toggle, forward);
  control.classList.add("course-playback");
  control.querySelector(".widget-label")?.after(group);
  control.append(note);
  show();
  return (disabled) => {
    if (back.disabled === disabled) return;
    for (const button of [back, toggle, forward]) button.disabled = disabled;
    if (disabled) stop();
  };
}
