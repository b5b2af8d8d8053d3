// The page's course: a file is checked in the browser, sent to the server if it
// passed (or if the person asks for it all the same), and both verdicts are shown.
import { filesOf, judgeAll } from "./many.js";
import { reading, upload } from "./server.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const settings = document.body.dataset;
const previewSide = 2048; // of what this browser cannot show
const tooMuch = Number(settings.maxBytes) || 10 * 1024 * 1024;

const patience = 3000; // ms; a check that is not there by then is not waited for

// The check is loaded while the person still looks for a photo.
const check = settings.check ? import(settings.check) : null;
let loadTime = null; // ms, once it is there
const loading = check?.then((imgvet) => imgvet.load({
  onProgress: ({ loaded, total }) => view.loading(total ? loaded / total : 0),
})).then(() => { loadTime = performance.now(); }).finally(() => {
  view.loading(null);
  document.body.dataset.loaded = "";
});
loading?.catch(() => {}); // a failure shows with the first photo

let turn = new AbortController(); // of the file on the stage; aborted by the next one
let original = null; // the file as it was chosen, to break copies of
let chosen = null; // the file on the stage
let local = null; // the browser's verdict on it, null if it has none
let last = null; // the steps that were begun last
let answered = false; // the server's verdict on it is there
let showing = Promise.resolve(); // until the picture on the stage is there, or none will be

// take starts over with a file.
async function take(file, broken = false) {
  turn.abort();
  turn = new AbortController();
  const { signal } = turn;
  chosen = file;
  local = null;
  answered = false;
  $("many").hidden = true;
  $("outcome").hidden = false;
  showing = Promise.resolve();
  if (!broken) original = file;
  $("break").hidden = original === null;
  $("pick-label").textContent = "Choose another photo";
  view.fileName(file);
  view.mark(-1);
  view.answer(0, "");
  view.progress(null);
  view.sendButton("");
  view.column(2, ["skip", "Not sent"]);
  await steps(signal, async () => {
    if (!check) {
      view.column(1, ["skip", "Not checked here"]);
      return send(file, signal);
    }
    const checking = checkHere(file, signal);
    if (await late(checking) && !await mayTellPlace(file)) return sendMeanwhile(file, checking, signal);
    await checking;
    if (!keptHere()) return send(file, signal);
  });
}

// mayTellPlace resolves to whether a file has EXIF or XMP, which may tell where it was taken:
// that is known only when the check has read it. HEIC has no fixed mark of XMP.
async function mayTellPlace(file) {
  const text = new TextDecoder("latin1").decode(await file.arrayBuffer());
  return /exif|ns\.adobe\.com\/xap|rdf\+xml|^.{4}ftyp/is.test(text);
}

// late resolves to whether the check itself is still being loaded when patience ends.
function late(checking) {
  let timer;
  const over = new Promise((resolve) => { timer = setTimeout(() => resolve(loadTime === null), patience); });
  const done = checking.then(() => false, () => false);
  return Promise.race([done, over]).finally(() => clearTimeout(timer));
}

// keptHere shows why a file is not sent before the person says so: it is refused, or tells
// where it was taken.
function keptHere() {
  if (local && !local.ok) refusedHere();
  else if (local?.facts?.gps) askAboutPlace();
  else return false;
  return true;
}

// sendMeanwhile sends while the check is still being loaded, and stops if the check would
// have kept the file here.
async function sendMeanwhile(file, checking, signal) {
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(), { once: true });
  checking.then(() => { if (!answered && (local && !local.ok || local?.facts?.gps)) stop.abort(); }, () => {});
  try {
    await send(file, stop.signal);
  } catch (error) {
    if (signal.aborted || !stop.signal.aborted) throw error;
    view.progress(null);
    view.column(2, ["skip", "Stopped"]);
    keptHere();
  }
  await checking;
}

// steps runs what is done with a file, and ends in silence if another one was
// chosen meanwhile.
async function steps(signal, run) {
  const mine = last = {};
  view.busy(true);
  try {
    await run();
    await showing;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (last === mine) view.busy(false); // else it was sent, or another one chosen, meanwhile
  }
}

// askAboutPlace warns of a photo that tells where it was taken, before it is sent.
function askAboutPlace() {
  view.headline("idle", "Not sent yet: this photo says where it was taken",
    "The camera wrote the place (GPS) into the file. Whoever gets the file can read it. Turn that off in the camera, or send it as it is.");
  view.sendButton("Send it with the place");
}

// checkHere sets the browser's verdict. Where the check itself fails there is none,
// and the server decides alone.
async function checkHere(file, signal) {
  view.column(1, ["wait", "Checking…"]);
  view.headline("idle", "Checking in your browser…");
  let verdict, start;
  try {
    await loading;
    start = performance.now();
    verdict = await (await check).validate(file, options(signal));
  } catch (error) {
    if (signal.aborted) throw new DOMException("another file was chosen", "AbortError");
    view.column(1, ["skip", "Could not check"], { fault: String(error.message ?? error) });
    return;
  }
  if (signal.aborted) throw new DOMException("another file was chosen", "AbortError");
  local = verdict;
  const rows = { picture: view.picture(verdict), time: view.duration(performance.now() - start), load: view.duration(loadTime) };
  if (verdict.ok) {
    view.column(1, ["yes", "Accepted"], { ...rows, faces: view.facesElsewhere });
    if (answered) return; // and the server's is on the stage
    showing = showPicture(file, verdict, signal); // a HEIC takes longer than the upload
    showing.catch(() => {}); // told where it is awaited
    return;
  }
  const { code, message } = verdict.error;
  view.column(1, ["no", "Refused"], { ...rows, code: `${code}, ${message}`, fault: view.fault(verdict.reason, verdict.offset) });
}

// refusedHere says that a file is kept here, since the server would refuse it.
function refusedHere() {
  const { code, message } = local.error;
  notShown(local.format, code);
  view.headline("no", `Not sent: ${message}`, local.advice || view.adviceFor(code));
  view.mark(code);
  view.sendButton("Send it anyway");
}

// notShown stands for a refused file on the stage.
function notShown(format, code) {
  view.plate(format, code === 6 ? "Nothing to show: the file is empty." : "Not shown: only a file that passed the check is decoded.");
}

// options are the server's rules, so that both sides decide by the same ones.
function options(signal) {
  const opts = { signal, ...JSON.parse(settings.rules) };
  if (Number(settings.maxBytes) > 0) opts.maxBytes = Number(settings.maxBytes);
  if (Number(settings.maxPixels) > 0) opts.maxPixels = Number(settings.maxPixels);
  opts.tolerance = settings.tolerance;
  return opts;
}

// showPicture puts a verified file on the stage.
async function showPicture(file, facts, signal) {
  const { format, width, height } = facts ?? {};
  if (width * height > Number(settings.shownPixels)) {
    // Whole, and yet a few bytes may stand for 220 million pixels of 4 bytes each.
    view.plate(format, "Not shown: so many pixels would take too much memory here.");
    return;
  }
  if (await view.show(file, signal)) return;
  if (!check || format !== "heic") {
    view.plate(format, "This browser cannot show it. The verdict stands all the same.");
    return;
  }
  view.plate(format, "This browser cannot show it. A preview is being made here…");
  try {
    const pixels = await (await check).preview(file, { ...options(signal), maxSide: previewSide });
    signal.throwIfAborted();
    view.draw(pixels);
  } catch (error) {
    signal.throwIfAborted();
    view.plate(format, `Not shown: ${error.message}. The verdict stands all the same.`);
  }
}

async function send(file, signal) {
  view.sendButton("");
  view.column(2, ["wait", "Uploading…"]);
  const explain = !local; // nobody else tells why
  view.headline("idle", "Sending to the server…", explain && check && loadTime === null ? "The check is still being loaded." : "");
  view.answer(0, "");
  view.boxes([], [0, 0]);
  view.progress(0);
  const token = $("token").value;
  const onProgress = (share) => {
    if (signal.aborted) return;
    view.progress(share);
    if (share === 1) view.column(2, ["wait", "Checking…"]);
  };
  let answer;
  try {
    answer = await upload(file, token, explain, onProgress, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    view.progress(null);
    view.column(2, ["skip", "No answer"]);
    view.headline("no", "No answer came", "The upload did not get through. Check that the server still runs, and send the photo again.");
    view.sendButton("Send again");
    return;
  }
  signal.throwIfAborted(); // between the answer and this line
  view.progress(null);
  view.sendButton("Send again");
  answered = true;
  const verdict = reading(answer);
  // The API tells the error alone.
  view.answer(answer.status, verdict.reason === undefined ? answer.text : JSON.stringify({ error: verdict.error }));
  if (verdict.ok) accepted(verdict.result, answer);
  else refused(verdict, answer);
  await showServers(file, verdict, signal);
}

function accepted(result, answer) {
  const found = result.faces ?? [];
  view.column(2, ["yes", "Accepted"], {
    picture: view.picture(result), faces: view.facesFound(found.length), time: view.duration(answer.ms),
  });
  const notes = (result.warnings ?? []).map((w) => view.sentence(w.text));
  if (local && !local.ok) notes.push(disagreement);
  const [width, height] = view.upright(result);
  const faces = found.length === 0 ? "" : found.length === 1 ? ", with a face" : `, with ${found.length} faces`;
  view.headline("yes", "Accepted", `A whole ${view.formatName(result.format)} picture of ${width} × ${height} pixels${faces}.`, notes);
  view.mark(-1);
}

const disagreement = "The browser and the server differ on this file. They should not: please report it.";

// The browser knows the size before it reads; the server looks at what arrives.
const twoFaults = "The file has two faults: it is too large, and no picture of the five formats. Each side names the one it met first.";

function refused({ error: { code, message }, reason, offset, advice: explained }, answer) {
  if (code < 0) {
    view.column(2, ["skip", "No verdict"], { code: message, time: view.duration(answer.ms) });
    view.headline("no", "The server could not decide", `It answered “${message}”, which says nothing about the photo. Send it again in a moment.`);
    return;
  }
  const rows = { code: `${code}, ${message}`, time: view.duration(answer.ms), fault: view.fault(reason, offset) };
  if (local?.format) rows.picture = "not told"; // a client gets the code alone
  if (local && !local.ok) rows.fault = "not told";
  if (code === 4) rows.faces = view.facesFound(0);
  view.column(2, ["no", "Refused"], rows);
  const advice = local?.error?.code === code && local.advice ? local.advice : explained || view.adviceFor(code);
  const notes = [];
  if (code <= 1) notes.push("Only the server knows its tokens, so the browser could not tell.");
  else if (code === 4) notes.push("Only the server looks for faces, so the browser could not tell.");
  else if (code === 5 && local?.error?.code === 3) notes.push(twoFaults);
  else if (local && (local.ok || local.error.code !== code)) notes.push(disagreement);
  else if (local) notes.push("The server agrees with the browser.");
  view.headline("no", `Refused: ${message}`, advice, notes);
  view.mark(code);
}

// showServers shows what the server has learned: the faces, and that the file is whole
// where this browser could not tell. Only of code 4 is a refused file known to be whole.
async function showServers(file, verdict, signal) {
  const whole = verdict.ok || verdict.error.code === 4;
  if (!whole) {
    if (!local?.ok) notShown(local?.format, verdict.error.code);
    return;
  }
  if (!local?.ok) showing = showPicture(file, verdict.result ?? local, signal);
  await showing;
  signal.throwIfAborted();
  if (verdict.ok) view.boxes(verdict.result.faces ?? [], view.upright(verdict.result));
}

// breakIt returns a damaged copy of a file.
function breakIt(file, how) {
  const name = file.name || "picture";
  switch (how) {
    case "cut":
      return new File([file.slice(0, Math.floor(file.size * 0.7))], name, { type: file.type });
    case "fill":
      return new File([file, new Uint8Array(Math.max(0, tooMuch - file.size))], name, { type: file.type });
    default:
      return new File([], name, { type: file.type });
  }
}

// takeAll takes one file as ever, and has many judged, a row each.
async function takeAll(files) {
  if (files.length === 0) return;
  if (files.length === 1) return take(files[0]);
  turn.abort();
  turn = new AbortController();
  $("break").hidden = true;
  await judgeAll(files, judge, take, turn.signal);
}

// judge resolves to a verdict on one of many: the browser's, or else the server's.
async function judge(file, signal) {
  if (check) return (await check).validate(file, options(signal));
  return reading(await upload(file, $("token").value, true, () => {}, signal));
}

$("file").multiple = true; // without scripts the form sends one
$("file").addEventListener("change", () => {
  takeAll([...$("file").files]);
  $("file").value = ""; // so that the same file can be chosen again
});
$("form").addEventListener("submit", (event) => {
  event.preventDefault(); // Enter in the token field
  if (!$("send").hidden) $("send").click();
});
$("send").addEventListener("click", () => {
  const { signal } = turn, file = chosen;
  if (file) steps(signal, () => send(file, signal));
});
for (const button of document.querySelectorAll("[data-break]")) {
  button.addEventListener("click", () => take(breakIt(original, button.dataset.break), true));
}

// A drop anywhere counts: beside the stage it would make the browser leave the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  $("stage").dataset.over = "";
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) delete $("stage").dataset.over;
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  delete $("stage").dataset.over;
  filesOf(event.dataTransfer).then(takeAll);
});
document.addEventListener("paste", (event) => {
  const [file] = event.clipboardData.files;
  if (!file) return; // text for the token field
  event.preventDefault();
  take(file);
});

view.column(1, ["skip", check ? "Nothing yet" : "Not checked here"]);
view.column(2, ["skip", "Nothing yet"]);
