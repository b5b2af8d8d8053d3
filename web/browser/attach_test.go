package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestAttach: the helper behind a file input holds a form back while its file is
// refused, and no longer than that. Only a browser knows when a form is valid.
func TestAttach(t *testing.T) {
	needChromium(t)
	var got []string
	require.NoError(t, chromedp.Run(newTab(t), chromedp.Navigate(serveFiles(t, nil)), chromedp.Evaluate(`(async () => {
		const imgvet = await import("/check/index.js");
		document.body.innerHTML = '<form><label>Photo <input type="file" name="photo"></label></form>';
		const form = document.querySelector("form"), input = form.elements.photo, got = [];
		const note = (when) => got.push([when, form.checkValidity(), input.files.length, form.querySelector("p")?.textContent.slice(0, 17)].join(", "));
		const detach = imgvet.attach(input);
		const choose = (...parts) => {
			const data = new DataTransfer(), done = new Promise((resolve) => input.addEventListener("imgvet", resolve, { once: true }));
			data.items.add(new File(parts, "<b>.png"));
			input.files = data.files;
			input.dispatchEvent(new Event("change"));
			return done;
		};
		note("before");
		const done = choose("not a picture");
		note("at work");
		await done;
		note("refused");
		form.reset();
		await new Promise((resolve) => setTimeout(resolve));
		note("reset");
		await choose();
		note("empty");
		detach();
		note("detached");
		imgvet.close();
		return got;
	})()`, &got, awaited)))
	require.Equal(t, []string{
		"before, true, 0, ",
		"at work, false, 1, Checking the pict",
		"refused, false, 1, Send a PNG, JPG, ",
		"reset, true, 0, ",
		"empty, false, 1, Choose a picture:",
		"detached, true, 1, ",
	}, got)
}
