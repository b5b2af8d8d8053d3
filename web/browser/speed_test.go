package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// TestPreviewSpeed prints how long the preview of the HEIC takes that IMGVET_HEIC names,
// and for how long at most the page was held up meanwhile.
func TestPreviewSpeed(t *testing.T) {
	name := os.Getenv("IMGVET_HEIC")
	if name == "" {
		t.Skip("IMGVET_HEIC is not set")
	}
	needChromium(t)
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	var got struct{ Width, Height, Ms, Pause, Ticks float64 }
	require.NoError(t, chromedp.Run(newTab(t), chromedp.Navigate(serveFiles(t, []file{{name, b}})), chromedp.Evaluate(`(async () => {
		const imgvet = await import("/check/index.js");
		const blob = await (await fetch("/file/0")).blob();
		await imgvet.preview(blob, { maxSide: 1 });
		let best = Infinity, picture, pause = 0, ticks = 0, last = performance.now();
		const timer = setInterval(() => {
			const now = performance.now();
			pause = Math.max(pause, now - last);
			last = now;
			ticks++;
		});
		for (let i = 0; i < 5; i++) {
			const start = performance.now();
			picture = await imgvet.preview(blob, { maxSide: 2048 });
			best = Math.min(best, performance.now() - start);
		}
		clearInterval(timer);
		return { Width: picture.width, Height: picture.height, Ms: best, Pause: pause, Ticks: ticks };
	})()`, &got, awaited)))
	t.Logf("%s: %.0fx%.0f in %.0f ms, best of 5; the page's longest pause was %.0f ms, over %.0f ticks of its timer",
		name, got.Width, got.Height, got.Ms, got.Pause, got.Ticks)
}

// TestSpeed prints how long the check takes in Chromium beside the browser's own
// decoder (createImageBitmap, which is native code) and beside the library in this
// process. It fails on nothing but a wrong verdict: times are of one machine.
func TestSpeed(t *testing.T) {
	needChromium(t)
	files := []file{
		{"JPEG 12 MP", photoJPEG(t, 4000, 3000)},
		{"JPEG 3 MP", photoJPEG(t, 2000, 1500)},
		{"PNG 3 MP", photoPNG(t, 2000, 1500)},
		{"WebP lossy", good(t, "webp/blue-purple-pink-large.normal-filter.lossy.webp")},
		{"HEIC grid", good(t, "heic/grid-2x2.heic")},
	}
	ctx := newTab(t)
	url := serveFiles(t, files)
	const rounds = 7
	var got [][2]float64 // milliseconds of the check and of createImageBitmap, -1 if it cannot
	require.NoError(t, chromedp.Run(ctx, chromedp.Navigate(url), chromedp.Evaluate(fmt.Sprintf(`(async () => {
		const imgvet = await import("/check/index.js");
		const time = async (run) => {
			const times = [];
			for (let i = 0; i < %d; i++) {
				const start = performance.now();
				await run();
				times.push(performance.now() - start);
			}
			return Math.min(...times); // the least disturbed by other work
		};
		const rows = [];
		for (let n = 0; n < %d; n++) {
			const blob = await (await fetch("/file/" + n)).blob();
			const verdict = await imgvet.validate(blob);
			if (!verdict.ok) throw new Error("file " + n + ": " + verdict.reason);
			const check = await time(() => imgvet.validate(blob));
			let bitmap = -1;
			try {
				bitmap = await time(async () => (await createImageBitmap(blob)).close());
			} catch {} // Chromium has no HEIC
			rows.push([check, bitmap]);
		}
		return rows;
	})()`, rounds, len(files)), &got, awaited)))
	require.Len(t, got, len(files))

	table := "\nmilliseconds, best of 7      check in Chromium   createImageBitmap   check, native\n"
	for n, f := range files {
		best := time.Hour
		for range rounds {
			start := time.Now()
			_, err := validate.Bytes(t.Context(), f.data, validate.Options{})
			require.NoError(t, err)
			best = min(best, time.Since(start))
		}
		bitmap := "cannot"
		if got[n][1] >= 0 {
			bitmap = fmt.Sprintf("%.1f", got[n][1])
		}
		name := fmt.Sprintf("%s, %d KiB", f.name, len(f.data)>>10)
		table += fmt.Sprintf("%-28s %17.1f %19s %15.1f\n", name, got[n][0], bitmap, best.Seconds()*1000)
	}
	t.Logf("%s%s/%s", table, runtime.GOOS, runtime.GOARCH)
}

// photo is a picture with the gradients and the noise of a photograph.
func photo(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	noise := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			n := uint8(noise.IntN(12))
			img.SetNRGBA(x, y, color.NRGBA{uint8(x*200/width) + n, uint8(y*200/height) + n, uint8((x+y)*100/(width+height)) + n, 255})
		}
	}
	return img
}

func photoJPEG(t *testing.T, width, height int) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, photo(width, height), &jpeg.Options{Quality: 85}))
	return b.Bytes()
}

func photoPNG(t *testing.T, width, height int) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, photo(width, height)))
	return b.Bytes()
}
