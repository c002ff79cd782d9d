// The slim row below the picture: back to the start, the picture as a file, and the line of code that makes it.

function textButton(text, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "course-tool";
  button.textContent = text;
  button.addEventListener("click", onClick);
  return button;
}

function save(model) {
  const link = document.createElement("a");
  const address = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
  link.href = address;
  link.download = `${model.get("title").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "picture"}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function tools(model, signal) {
  const row = document.createElement("div");
  row.className = "course-tools";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Tools");
  const field = document.createElement("input");
  field.className = "course-code";
  field.readOnly = true;
  field.hidden = true;
  field.setAttribute("aria-label", "Code of this state");
  const said = document.createElement("span");
  said.className = "course-said";
  said.setAttribute("role", "status");
  const refill = () => {
    field.value = model.get("code");
    said.textContent = "";
  };

  async function copy() {
    refill();
    field.hidden = false;
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    } catch {
      said.textContent = "Copy it from here"; // no leave to write to the clipboard: the text is selected
    }
  }
  function reset() {
    model.set("resets", model.get("resets") + 1);
    model.save_changes();
  }
  const copier = textButton("Copy code", copy);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.hidden = true;
    refill();
    copier.focus();
    event.stopPropagation();
  });
  model.on("change:code", refill);
  signal.addEventListener("abort", () => model.off("change:code", refill));
  const resetter = textButton("Reset", reset);
  resetter.classList.add("course-reset");
  resetter.title = "back to what the cell showed first";
  row.style.maxWidth = `${model.get("width")}px`;
  row.append(resetter, textButton("Save picture", () => save(model)), copier, field, said);
  return row;
}
