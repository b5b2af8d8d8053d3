// A server for each multipart parser of Node. Each answers the list of files that
// it found in a request, of any method and at any path. A line of JSON on standard
// output for each says where it listens.
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;

function seen(field, name, bytes) {
  return {
    field: field ?? "",
    name: name ?? "",
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

// saved is seen for a file that the parser wrote to disk.
function saved(field, name, path) {
  const bytes = readFileSync(path);
  rmSync(path);
  return seen(field, name, bytes);
}

function answer(res, status, value) {
  if (res.headersSent) return;
  res.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
  res.end(JSON.stringify(value));
}

function announce(name, library, server) {
  server.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ name, version: version(library), addr: `127.0.0.1:${server.address().port}` }));
  });
}

// serve answers with what parse(req, res) promises.
function serve(name, parse) {
  announce(name, name, http.createServer((req, res) => {
    Promise.resolve()
      .then(() => parse(req, res))
      .then((files) => answer(res, 200, { files }))
      .catch((err) => answer(res, 400, { failed: String(err) }));
  }));
}

const busboy = require("busboy");
serve("busboy", (req) => new Promise((resolve, reject) => {
  const files = [];
  const parser = busboy({ headers: req.headers });
  parser.on("file", (field, stream, info) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => files.push(seen(field, info.filename, Buffer.concat(chunks))));
  });
  parser.on("error", reject);
  parser.on("close", () => resolve(files));
  req.pipe(parser);
}));

const multer = require("multer")();
serve("multer", (req, res) => new Promise((resolve, reject) => {
  multer.any()(req, res, (err) => {
    if (err) return reject(err);
    resolve((req.files ?? []).map((f) => seen(f.fieldname, f.originalname, f.buffer)));
  });
}));

const { formidable } = await import("formidable");
serve("formidable", async (req) => {
  const [, files] = await formidable({ allowEmptyFiles: true, minFileSize: 0 }).parse(req);
  return Object.entries(files).flatMap(([field, list]) =>
    list.map((f) => saved(field, f.originalFilename, f.filepath)));
});

const multiparty = require("multiparty");
serve("multiparty", (req) => new Promise((resolve, reject) => {
  new multiparty.Form().parse(req, (err, fields, files) => {
    if (err) return reject(err);
    resolve(Object.entries(files).flatMap(([field, list]) =>
      list.map((f) => saved(field, f.originalFilename, f.path))));
  });
}));

const { default: Fastify } = await import("fastify");
const { default: fastifyMultipart } = await import("@fastify/multipart");
const app = Fastify({
  serverFactory: (handler) => {
    const server = http.createServer(handler);
    announce("@fastify/multipart", "@fastify/multipart", server);
    return server;
  },
});
for (const method of http.METHODS) {
  if (method !== "CONNECT") app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
}
app.register(fastifyMultipart);
app.route({
  method: http.METHODS.filter((m) => m !== "CONNECT" && m !== "HEAD"),
  url: "/*",
  handler: async (request) => {
    const files = [];
    for await (const part of request.parts()) {
      if (part.type === "file") files.push(seen(part.fieldname, part.filename, await part.toBuffer()));
    }
    return { files };
  },
});
await app.ready();
