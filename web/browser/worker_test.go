package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestInWorker: a page may run the check in a worker of its own, which has no document.
func TestInWorker(t *testing.T) {
	needChromium(t)
	var got string
	require.NoError(t, chromedp.Run(newTab(t), chromedp.Navigate(serveFiles(t, nil)), chromedp.Evaluate(`(async () => {
		const text = 'import imgvet from "' + location.origin + '/check/index.js";' +
			'await imgvet.load({ worker: "' + location.origin + '/check/worker.js" });' +
			'postMessage((await imgvet.validate(new Blob(["not a picture"]))).reason);';
		const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { type: "module" });
		return await new Promise((resolve) => {
			worker.onmessage = ({ data }) => resolve(data);
			worker.onerror = (event) => resolve(event.message || "the worker failed");
		});
	})()`, &got, awaited)))
	require.Equal(t, "unknown_format", got)
}
