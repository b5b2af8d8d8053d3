// Node's own fetch, undici, axios and form-data, each in the ways that programs use
// them. Arguments: URL, PNG, JPEG; packages are looked for where this file lies.
import { createReadStream, readFileSync, statSync } from "node:fs";
import http from "node:http";

const [base, png, jpeg] = process.argv.slice(2);
const picture = readFileSync(png);
const blob = new Blob([picture], { type: "image/png" });
const url = (form, files) => `${base}?form=${encodeURIComponent(form)}&files=${files}`;

// fetch and FormData
async function fetchForms(name, fetch, FormData, File) {
  const form = new FormData();
  form.append("note", "größe, \"quotes\"\r\nand lines");
  form.append("image", blob, "a.png");
  await (await fetch(url(`${name}: form`, 1), { method: "POST", body: form })).text();

  const odd = new FormData();
  for (const file of ['it\'s "quoted"; a=b.png', "größe 图 😀.png", "back\\slash.png", "100%.png", "line\nend.png"]) {
    odd.append("image", blob, file);
  }
  odd.append("image", new File([readFileSync(jpeg)], "b.jpg", { type: "image/jpeg" }));
  await (await fetch(url(`${name}: odd names`, 6), { method: "PUT", body: odd })).text();

  const typeless = new FormData();
  typeless.append("image", new Blob([picture]), "blob");
  typeless.append("data", new Blob(['{"a":1}'], { type: "application/json" }));
  await (await fetch(url(`${name}: a blob of JSON beside`, -1), { method: "POST", body: typeless })).text();

  await (await fetch(url(`${name}: body`, 1), { method: "POST", body: picture })).text();
  await (await fetch(url(`${name}: blob`, 1), { method: "PATCH", body: blob })).text();
  const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(picture)); c.close(); } });
  await (await fetch(url(`${name}: stream`, 1), { method: "POST", body: stream, duplex: "half" })).text();
}

await fetchForms("Node fetch", fetch, FormData, File);

const packages = process.env.NODE_CLIENTS !== undefined;
if (packages) {
  const undici = await import("undici");
  await fetchForms("undici", undici.fetch, undici.FormData, File);

  const { default: FormData } = await import("form-data");
  const { default: axios } = await import("axios");
  const make = (options) => {
    const form = new FormData();
    form.append("note", "größe");
    form.append("image", createReadStream(png), options);
    return form;
  };
  for (const [name, options] of [
    ["stream", undefined],
    ["options", { filename: 'it\'s "quoted" größe.png', contentType: "image/png", knownLength: statSync(png).size }],
    ["path", { filepath: "photos/2026/a.png" }],
  ]) {
    const form = make(options);
    await new Promise((resolve, reject) => {
      const req = http.request(url(`form-data: ${name}`, 1), { method: "POST", headers: form.getHeaders() }, (res) => {
        res.resume();
        res.on("end", resolve);
      });
      req.on("error", reject);
      form.pipe(req);
    });
    await axios.post(url(`axios, form-data: ${name}`, 1), make(options), { validateStatus: null });
  }
  const native = new globalThis.FormData();
  native.append("image", blob, "größe.png");
  native.append("note", "x");
  await axios.post(url("axios, FormData", 1), native);
  await axios.postForm(url("axios, postForm", 1), { image: createReadStream(png), "tags[]": ["a", "b"], nested: { a: 1 } });
  await axios.put(url("axios, body", 1), picture, { headers: { "Content-Type": "image/png" } });
  await axios.post(url("axios, body without a type", 1), picture);
}
