package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestShots draws the page as PNG files in the folder that IMGVET_SHOTS names, to be
// looked at: before anything, for success, for each of the six codes from the
// server, for a refusal by the browser and for HEIC, at the widths of a phone and of
// a desk, light and dark. IMGVET_PHOTO is a photograph with a face for success.
func TestShots(t *testing.T) {
	dir := os.Getenv("IMGVET_SHOTS")
	if dir == "" {
		t.Skip("IMGVET_SHOTS is not set")
	}
	needChromium(t)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	photo, name := good(t, "jpeg/video-001.jpeg"), "photo.jpg"
	flags := []string{"--token", "mine", "--deny-token", "expired"}
	if path := os.Getenv("IMGVET_PHOTO"); path != "" {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		photo, name = b, "face"+filepath.Ext(path)
	} else {
		flags = append(flags, "--face=false")
	}
	p := openPage(t, startServe(t, flags...))
	shoot := func(name string) { p.shoot(dir, name) }
	token := func(s string) { p.do(chromedp.SetValue("#token", s)) }

	shoot("idle")
	token("mine")
	p.drop(name, photo)
	shoot("success")
	p.do(chromedp.Evaluate(`document.querySelector(".codes details").open = true`, nil))
	shoot("codes")
	p.do(chromedp.Evaluate(`document.querySelector(".codes details").open = false`, nil))
	p.drop("holiday.heic", good(t, "heic/grid-2x2.heic"))
	shoot("heic")
	p.drop("flower.webp", good(t, "webp/yellow_rose.lossy.webp"))
	shoot("code4")
	p.drop("cut.jpg", photo[:len(photo)*7/10])
	shoot("refused-here")
	p.send()
	shoot("code5")
	p.drop("big.jpg", append(bytes.Clone(photo), make([]byte, 10<<20)...))
	p.send()
	shoot("code3")
	p.drop("empty.jpg", nil)
	p.send()
	shoot("code6")
	token("someone")
	p.drop(name, photo)
	shoot("code0")
	token("expired")
	p.send()
	shoot("code1")
}

// shoot draws the page at two widths and in two themes.
func (p page) shoot(dir, name string) {
	p.t.Helper()
	for _, width := range []int64{390, 1440} {
		for _, theme := range []string{"light", "dark"} {
			var b []byte
			p.do(
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: theme},
					{Name: "prefers-reduced-motion", Value: "reduce"}, // no frame of a transition
				}),
				chromedp.EmulateViewport(width, 900),
				chromedp.FullScreenshot(&b, 100),
			)
			require.NoError(p.t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, theme)), b, 0o600))
		}
	}
}
