package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestPageSlowPicture: a file that is chosen while the browser still decodes the one
// before is what the page shows, also when that decoding ends at last.
func TestPageSlowPicture(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	jpeg := good(t, "jpeg/video-001.jpeg")
	for _, next := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut.jpg", jpeg[:len(jpeg)-100], "Not sent: file corrupted"},
		{"other.png", good(t, "png/pngsuite-basn2c08.png"), "Accepted"},
	} {
		p.do(chromedp.Evaluate(`(() => {
			const decode = HTMLImageElement.prototype.decode, slow = new Promise((resolve) => { globalThis.end = resolve; });
			globalThis.begun = false;
			HTMLImageElement.prototype.decode = function () { // once
				HTMLImageElement.prototype.decode = decode;
				globalThis.begun = true;
				return slow.then(() => decode.call(this));
			};
		})()`, nil))
		p.choose("slow.jpg", jpeg)
		p.do(chromedp.Poll(`globalThis.begun`, nil))
		before := p.drop(next.name, next.data)
		require.Equal(t, next.want, before.Headline)

		var after verdicts
		p.do(chromedp.Evaluate(`globalThis.end(); new Promise((resolve) => setTimeout(resolve, 200))`, nil, awaited))
		p.do(chromedp.Evaluate(readPage, &after))
		require.Equal(t, before, after)
	}
}
