// Watches the pictures of a cell: notes the time of every input, and of every frame whose pixels differ from the last.
(() => {
  const scratch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new WeakMap(); // picture -> its address and its digest

  // The digest of an <img>'s pixels; while a new one loads the page still shows the old one.
  function digest(image) {
    const before = known.get(image);
    if (!image.complete || !image.naturalWidth) return before?.digest;
    if (before?.address === image.src) return before.digest;
    const { naturalWidth: width, naturalHeight: height } = image;
    Object.assign(scratch.canvas, { width, height });
    scratch.drawImage(image, 0, 0);
    const pixels = new Uint32Array(scratch.getImageData(0, 0, width, height).data.buffer);
    let sum = 2166136261; // FNV-1a
    for (const pixel of pixels) sum = Math.imul(sum ^ pixel, 16777619);
    known.set(image, { address: image.src, digest: sum });
    return sum;
  }

  const latency = (window.latency = {
    watch(cell) {
      this.cell = cell;
    },
    clear() {
      Object.assign(this, { changes: [], inputs: {}, blank: 0, heights: [] });
    },
    quietFor() {
      return performance.now() - Math.max(this.lastChange, this.inputs.pointerup?.[0] ?? 0);
    },
    collapses() {
      const usual = [...this.heights].sort((a, b) => a - b)[this.heights.length >> 1];
      return this.heights.filter((height) => height < 0.9 * usual).length;
    },
    lastChange: performance.now(),
  });
  latency.clear();
  for (const type of ["keydown", "pointerup"])
    document.addEventListener(type, (event) => (latency.inputs[type] ??= []).push(event.timeStamp), true);

  // A message posted from within a frame arrives after that frame has been painted.
  const painted = new MessageChannel();
  painted.port1.onmessage = () => {
    latency.lastChange = performance.now();
    latency.changes.push(latency.lastChange);
  };
  let shown;
  function frame() {
    requestAnimationFrame(frame);
    if (!latency.cell) return;
    const pictures = [...latency.cell.querySelectorAll(".jp-OutputArea img")];
    const digests = pictures.map(digest).filter((value) => value !== undefined);
    latency.heights.push(latency.cell.querySelector(".jp-Cell-outputArea").getBoundingClientRect().height);
    if (digests.length === 0) {
      latency.blank += 1;
      return;
    }
    const now = digests.join();
    if (shown !== undefined && now !== shown) painted.port2.postMessage(0);
    shown = now;
  }
  requestAnimationFrame(frame);
})();
