// A question: native radio buttons in a fieldset, a range with its label where the confidence is asked, a button, and a
// line that says what is saved.
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  const unique = "p" + Math.random().toString(36).slice(2);
  const box = element("fieldset", { class: "course-predict" });
  const badge = element("span", { class: "course-predict-badge" }, model.get("badge"));
  box.append(element("legend", {}, badge, model.get("question_id"), " \u00b7 ", model.get("question")));

  const radios = model.get("options").map((option, index) => {
    const radio = element("input", { type: "radio", name: unique, value: index });
    radio.addEventListener("change", () => {
      model.set("choice", index);
      model.save_changes();
    });
    box.append(element("label", { class: "course-predict-option" }, radio, element("span", {}, option)));
    return radio;
  });

  const range = element("input", { type: "range", min: model.get("least"), max: 100, step: 1, id: unique });
  const percent = element("output", { for: unique });
  const speak = () => {
    percent.textContent = `${range.value} %`;
    range.setAttribute("aria-valuetext", `${range.value} percent`);
  };
  range.addEventListener("input", speak);
  range.addEventListener("change", () => {
    model.set("confidence", Number(range.value));
    model.save_changes();
  });
  const label = element("label", { for: unique }, "How sure are you?");
  const asksConfidence = model.get("asks_confidence");
  if (asksConfidence) box.append(element("div", { class: "course-predict-sure" }, label, range, percent));

  const button = element("button", { type: "button" }, model.get("button"));
  button.addEventListener("click", () => {
    if (asksConfidence) model.set("confidence", Number(range.value));
    model.set("saves", model.get("saves") + 1);
    model.save_changes();
  });
  const status = element("span", { role: "status", "aria-live": "polite" });
  box.append(element("div", { class: "course-predict-save" }, button, status));

  const update = () => {
    radios.forEach((radio, index) => (radio.checked = index === model.get("choice")));
    range.value = model.get("confidence");
    speak();
    status.textContent = model.get("status");
  };
  // The notebook's own keyboard shortcuts must not act on keys meant for the form.
  box.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change", update);
  update();
  el.append(box);
  return () => model.off("change", update);
}

export default { render };
