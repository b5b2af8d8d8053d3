// What the page shows. Everything that comes from a file or an answer is set as
// text, never as markup.

const $ = (id) => document.getElementById(id);
const count = new Intl.NumberFormat("en");
const faces = "faces" in document.body.dataset;
const svgSpace = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(svgSpace, "svg"), use = document.createElementNS(svgSpace, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#icon-" + name);
  svg.append(use);
  return svg;
}

// headline sets what is read out: the state ("idle", "yes" or "no"), the line, the
// advice below and the notes.
export function headline(state, line, advice = "", notes = []) {
  $("outcome").dataset.state = state;
  $("headline").textContent = line;
  $("advice").textContent = advice;
  $("advice").hidden = !advice;
  $("notes").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  $("notes").hidden = notes.length === 0;
}

// busy tells assistive technology that more is to come.
export function busy(yes) {
  $("outcome").setAttribute("aria-busy", String(yes));
}

// column fills one side of the table: 1 is the browser, 2 the server. call is the
// verdict as [icon, word], rows the other cells by the name of their row.
export function column(side, call, rows = {}) {
  for (const row of $("verdicts").tBodies[0].rows) {
    const cell = row.cells[side], name = row.dataset.row;
    if (name === "verdict") {
      const span = document.createElement("span");
      span.className = "call " + call[0];
      span.append(icon(call[0]), call[1]);
      cell.replaceChildren(span);
    } else {
      cell.textContent = rows[name] ?? "";
    }
    const told = [...row.cells].slice(1).some((c) => c.textContent !== "");
    row.hidden = !told;
  }
}

// mark points out a row of the table of codes; -1 none.
export function mark(code) {
  for (const row of document.querySelectorAll(".codes tr[data-code]")) {
    if (Number(row.dataset.code) === code) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// adviceFor is the documented advice for a code.
export function adviceFor(code) {
  return document.querySelector(`.codes tr[data-code="${Number(code)}"] [data-advice]`)?.textContent ?? "";
}

// progress shows the share of the upload that has been sent; null hides it.
export function progress(share) {
  $("progress").hidden = share === null;
  if (share === null) return;
  $("bar").value = share;
  $("percent").textContent = Math.floor(share * 100) + " %";
}

// loading shows the share of the check that has come; null hides it.
export function loading(share) {
  $("loading").hidden = share === null;
  if (share === null) return;
  $("loaded").value = share;
  $("loaded-share").textContent = Math.floor(share * 100) + " %";
}

// sendButton names the button that sends; "" hides it.
export function sendButton(text) {
  $("send").hidden = !text;
  if (text) $("send").textContent = text;
}

// answer shows what a client of the API gets. A refusal is shown byte for byte; a
// result is spread over lines to be read.
export function answer(status, text) {
  $("answer").hidden = status === 0;
  if (status === 0) return;
  $("http").textContent = "HTTP " + status;
  let shown = text;
  if (status === 200) {
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2).replace(pair, "[$1, $2]");
    } catch {
      // Shown as it came.
    }
  }
  $("json").textContent = shown;
}

const pair = /\[\s+(-?\d+),\s+(-?\d+)\s+\]/g; // a landmark, which fits on one line

export function bytes(n) {
  if (n < 1024) return count.format(n) + (n === 1 ? " byte" : " bytes");
  if (n < 1 << 20) return count.format(Math.round(n / 1024)) + " KiB";
  return (n / (1 << 20)).toFixed(2) + " MiB";
}

export function duration(ms) {
  if (ms < 10) return ms.toFixed(1) + " ms";
  return ms < 1000 ? Math.round(ms) + " ms" : (ms / 1000).toFixed(1) + " s";
}

// fault says where a verdict found the fault, for people who look into it.
export function fault(reason, offset) {
  if (!reason) return "";
  const words = reason.replaceAll("_", " ");
  return Number.isInteger(offset) ? `${words}, at byte ${count.format(offset)}` : words;
}

// sentence makes one of a warning.
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/[^.!?]$/, "$&.");
}

const names = { png: "PNG", jpeg: "JPEG", heic: "HEIC", bmp: "BMP", webp: "WebP" };

export const formatName = (format) => names[format] ?? "";

// picture names a picture as the viewer sees it: format and upright size.
export function picture(v) {
  if (!v.format) return "";
  const [w, h] = upright(v);
  return w > 0 && h > 0 ? `${formatName(v.format)}, ${w} × ${h}` : formatName(v.format);
}

// upright is the size with the orientation applied: 5 to 8 lie on their side.
export function upright({ width = 0, height = 0, orientation = 1 }) {
  return orientation >= 5 ? [height, width] : [width, height];
}

export function facesFound(n) {
  if (!faces) return "not looked for";
  return n === 0 ? "none found" : n === 1 ? "1 found" : n + " found";
}

export const facesElsewhere = faces ? "looked for by the server" : "";

// The stage: one of the prompt, a plate that stands for a file, or the picture.
let address = "";

function stage(shown) {
  for (const id of ["prompt", "plate", "frame"]) $(id).hidden = id !== shown;
  if (shown !== "frame" && address) {
    $("picture").removeAttribute("src");
    URL.revokeObjectURL(address);
    address = "";
  }
  if (shown !== "frame") {
    $("drawn").width = $("drawn").height = 0; // which frees its pixels
    $("boxes").replaceChildren();
  }
}

export function plate(format, why) {
  $("plate-format").textContent = formatName(format);
  $("plate-format").hidden = !formatName(format);
  $("plate-why").textContent = why;
  stage("plate");
}

export function fileName(file) {
  $("file-name").hidden = false;
  $("file-name").textContent = `${file.name || "pasted picture"}, ${bytes(file.size)}`;
}

// show puts a picture on the stage. It resolves to false if this browser cannot
// show it, and rejects if signal has ended meanwhile: the stage is another file's.
export async function show(blob, signal) {
  const img = $("picture"), next = URL.createObjectURL(blob);
  const trial = new Image();
  trial.src = next;
  const shows = await trial.decode().then(() => true, () => false);
  if (!shows || signal.aborted) URL.revokeObjectURL(next);
  signal.throwIfAborted();
  if (!shows) return false;
  stage("prompt");
  address = next;
  img.src = next;
  frame(img);
  return true;
}

// draw puts pixels on the stage.
export function draw(pixels) {
  stage("prompt");
  const canvas = $("drawn");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d", { colorSpace: pixels.colorSpace }).putImageData(pixels, 0, 0);
  frame(canvas);
}

// frame shows one of the two elements that hold a picture.
function frame(element) {
  for (const one of [$("picture"), $("drawn")]) one.hidden = one !== element;
  describe("Your photo");
  stage("frame");
}

function describe(text) {
  $("picture").alt = text;
  $("drawn").setAttribute("aria-label", text);
}

// boxes draws faces over the picture. size is the upright picture's, in whose
// pixels the faces are.
export function boxes(found, [width, height]) {
  const svg = $("boxes");
  svg.replaceChildren();
  describe("Your photo");
  if (!width || !height) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const add = (name, attributes) => {
    const node = document.createElementNS(svgSpace, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    svg.append(node);
  };
  for (const f of found) {
    const box = { x: f.x, y: f.y, width: f.width, height: f.height, rx: Math.min(f.width, f.height) * 0.06 };
    add("rect", { ...box, class: "under" });
    add("rect", box);
    for (const [x, y] of f.landmarks ?? []) add("circle", { cx: x, cy: y, r: Math.max(f.width / 50, width / 400) });
  }
  if (found.length > 0) {
    describe(found.length === 1 ? "Your photo, with the face marked" : `Your photo, with ${found.length} faces marked`);
  }
}
