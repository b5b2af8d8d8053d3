// What the page asks of the server: the verdict on an upload.

const { pipeline, answer, field } = document.body.dataset;

// form is an upload as the API documents it. The token goes first, so that the
// server can refuse it before it reads the file.
function form(file, token) {
  const data = new FormData();
  data.append("token", token);
  data.append(field, file, file.name);
  return data;
}

// upload sends a file, to where a refusal is explained if explain says so, and resolves to {status, text, ms}. onProgress gets the share
// that has been sent, 0 to 1. It rejects if no answer came, and with an AbortError
// if signal says so.
//
// This is XMLHttpRequest because fetch does not tell how much has been sent.
export function upload(file, token, explain, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const start = performance.now();
    const aborted = () => reject(new DOMException("another file was chosen", "AbortError"));
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    });
    request.addEventListener("abort", aborted);
    request.addEventListener("error", () => reject(new Error("no answer came")));
    request.addEventListener("load", () => resolve({
      status: request.status,
      text: request.responseText,
      ms: performance.now() - start,
    }));
    request.open("POST", explain ? answer : pipeline);
    request.setRequestHeader("Accept", "application/json");
    request.send(form(file, token));
  });
}

// reading resolves an answer to what it says: {ok, result} or {ok, error}, and with an
// explanation {reason, offset, advice}.
export function reading(answer) {
  try {
    const body = JSON.parse(answer.text);
    if (answer.status === 200 && body.result) return { ok: true, result: body.result };
    if (Number.isInteger(body.error?.code)) return { ok: false, ...body };
  } catch {
    // Not JSON: something between here and the server has answered.
  }
  return { ok: false, error: { code: -1, message: "HTTP " + answer.status } };
}
