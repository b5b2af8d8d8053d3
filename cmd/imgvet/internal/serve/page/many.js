// Many files at once: each gets a row with its verdict, and none is sent.
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);

// filesOf resolves to the files that were dropped, those in folders among them.
export async function filesOf(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files];
  const files = [];
  for (const entry of entries) await walk(entry, files);
  return files;
}

async function walk(entry, files) {
  if (!entry) return;
  if (entry.isFile) {
    files.push(await new Promise((resolve, reject) => { entry.file(resolve, reject); }));
    return;
  }
  const reader = entry.createReader();
  for (;;) { // it gives a hundred or so at a time
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) return;
    for (const one of some) await walk(one, files);
  }
}

// judgeAll shows what judge says of each file, until signal ends it. A click on a name
// opens that file.
export async function judgeAll(files, judge, open, signal) {
  $("outcome").hidden = true;
  $("many").hidden = false;
  $("many").dataset.state = "idle";
  $("many-rows").replaceChildren();
  const start = performance.now();
  let good = 0, done = 0;
  const say = () => {
    $("many-headline").textContent = done < files.length ? `${done} of ${files.length} checked` : `${good} of ${files.length} accepted`;
    $("many-advice").textContent = done < files.length ? "" : `In ${view.duration(performance.now() - start)}. Click a name to see that file alone.`;
  };
  say();
  for (const file of files) {
    const cell = addRow(file, open);
    let call, note = "";
    try {
      const verdict = await judge(file, signal);
      call = verdict.ok ? ["yes", "Accepted"] : ["no", `${verdict.error.code}, ${verdict.error.message}`];
      if (!verdict.ok) note = `${verdict.advice ?? ""} (${view.fault(verdict.reason, verdict.offset)})`;
      if (verdict.ok) good++;
    } catch (error) {
      call = ["skip", "Could not check"];
      note = String(error.message ?? error);
    }
    if (signal.aborted) return;
    cell.replaceChildren(badge(call));
    if (note) cell.append(Object.assign(document.createElement("p"), { textContent: note }));
    done++;
    say();
  }
  $("many").dataset.state = good === files.length ? "yes" : "no";
}

function addRow(file, open) {
  const row = $("many-rows").insertRow(), name = document.createElement("button");
  name.type = "button";
  name.textContent = file.webkitRelativePath || file.name;
  name.addEventListener("click", () => open(file));
  row.insertCell().append(name, `, ${view.bytes(file.size)}`);
  const cell = row.insertCell();
  cell.append(badge(["wait", "Checking…"]));
  return cell;
}

function badge([kind, text]) {
  const span = document.createElement("span");
  span.className = "call " + kind;
  span.append(view.icon(kind), text);
  return span;
}
