package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// TestPage drops good, broken, oversized, empty and HEIC files on the page and
// reads both verdicts.
func TestPage(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	jpeg := good(t, "jpeg/video-001.jpeg")

	t.Run("good", func(t *testing.T) {
		p := p.in(t)
		v := p.drop("good.jpg", jpeg)
		require.Equal(t, "yes", v.State, v)
		require.Equal(t, "Accepted", v.Headline)
		require.Equal(t, "Accepted", v.Browser["verdict"])
		require.Equal(t, "Accepted", v.Server["verdict"])
		require.Equal(t, "JPEG, 150 × 103", v.Browser["picture"])
		require.Equal(t, "JPEG, 150 × 103", v.Server["picture"])
		require.Equal(t, "HTTP 200", v.HTTP)
		require.True(t, v.Shown)
	})
	t.Run("turned", func(t *testing.T) {
		p := p.in(t)
		v := p.drop("turned.jpg", good(t, "jpeg/exif-orientation-6.jpg"))
		require.Equal(t, "yes", v.State, v)
		require.Equal(t, v.Browser["picture"], v.Server["picture"])
	})
	t.Run("HEIC", func(t *testing.T) {
		p := p.in(t)
		v := p.drop("photo.heic", good(t, "heic/grid-2x2.heic"))
		require.Equal(t, "yes", v.State, v)
		require.Equal(t, "Accepted", v.Browser["verdict"])
		require.Equal(t, "Accepted", v.Server["verdict"])
		require.True(t, v.Shown, "the browser's check makes a preview of what Chromium cannot show")
		require.True(t, v.Drawn)
		v = p.drop("photo.jpg", jpeg)
		require.True(t, v.Shown)
		require.False(t, v.Drawn, "what Chromium shows needs none")
	})

	t.Run("pixels without number", func(t *testing.T) {
		p := p.in(t)
		v := p.drop("wide.webp", fuzz.Bomb(detect.WebP, 10_000, 10_000))
		require.Equal(t, "yes", v.State, "whole, and within the limit: %v", v)
		require.False(t, v.Shown, "28 bytes must not cost this browser 400 MB")
	})

	big := append(bytes.Clone(jpeg), make([]byte, 10<<20-len(jpeg))...)
	for _, c := range []struct {
		name, file, message, code, json string
		data                            []byte
	}{
		{"cut", "cut.jpg", "file corrupted", "5", `{"error":{"code":5,"message":"file corrupted"}}`, jpeg[:len(jpeg)-100]},
		{"cut HEIC", "cut.heic", "file corrupted", "5", `{"error":{"code":5,"message":"file corrupted"}}`, good(t, "heic/grid-2x2.heic")[:2000]},
		{"text", "notes.png", "file corrupted", "5", `{"error":{"code":5,"message":"file corrupted"}}`, []byte("not a picture at all")},
		{"oversized", "big.jpg", "file must be less than 10mb", "3", `{"error":{"code":3,"message":"file must be less than 10mb"}}`, big},
		{"far oversized", "huge.jpg", "file must be less than 10mb", "3", `{"error":{"code":3,"message":"file must be less than 10mb"}}`, append(bytes.Clone(jpeg), make([]byte, 40<<20)...)},
		{"empty", "empty.png", "empty input image", "6", `{"error":{"code":6,"message":"empty input image"}}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.in(t)
			v := p.drop(c.file, c.data)
			require.Equal(t, "no", v.State, v)
			require.Equal(t, "Not sent: "+c.message, v.Headline)
			require.Equal(t, "Refused", v.Browser["verdict"])
			require.Equal(t, c.code+", "+c.message, v.Browser["code"])
			require.Equal(t, "Not sent", v.Server["verdict"], "the browser's refusal keeps the file here")
			require.NotEmpty(t, v.Advice)
			if c.code != "5" {
				require.NotContains(t, v.Browser["fault"], "at byte", "no single place")
			}
			require.Empty(t, v.HTTP)
			require.False(t, v.Shown, "no decoder meets what did not pass")
			require.Equal(t, "Send it anyway", v.Send)

			v = p.send()
			require.Equal(t, "Refused: "+c.message, v.Headline)
			require.Equal(t, "Refused", v.Server["verdict"])
			require.Equal(t, c.code+", "+c.message, v.Server["code"])
			require.Equal(t, c.json, v.JSON)
			require.Contains(t, v.Notes, "The server agrees with the browser.")
			require.False(t, v.Shown)
		})
	}
}

// TestPageAsksAboutPlaces: a photo that tells where it was taken stays here until the
// person sends it all the same.
func TestPageAsksAboutPlaces(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	// EXIF with a GPS directory of one entry, the latitude's reference.
	const tiff = "MM\x00*\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" +
		"\x00\x01\x00\x01\x00\x02\x00\x00\x00\x02N\x00\x00\x00\x00\x00\x00\x00"
	segment := "\xff\xe1" + string([]byte{0, byte(2 + 6 + len(tiff))}) + "Exif\x00\x00" + tiff
	jpeg := slices.Insert(good(t, "jpeg/video-001.jpeg"), 2, []byte(segment)...)
	v := p.drop("place.jpg", jpeg)
	require.Equal(t, "idle", v.State, v)
	require.Contains(t, v.Headline, "where it was taken")
	require.Equal(t, "Accepted", v.Browser["verdict"])
	require.Equal(t, "Not sent", v.Server["verdict"])
	require.Empty(t, v.HTTP)
	require.Equal(t, "Send it with the place", v.Send)
	v = p.send()
	require.Equal(t, "yes", v.State, v)
	require.Contains(t, v.JSON, `"gps": true`)
}

// TestPageTwoFaults: a file that is too large and no picture either is refused by each
// side for what it meets first. That is no disagreement.
func TestPageTwoFaults(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	require.Equal(t, "Not sent: file must be less than 10mb", p.drop("zeros.jpg", make([]byte, 11<<20)).Headline)
	v := p.send()
	require.Equal(t, "Refused: file corrupted", v.Headline)
	require.Len(t, v.Notes, 1)
	require.Contains(t, v.Notes[0], "two faults")
}

// TestPageFaces: as it comes, the server looks for faces. The page marks what was found,
// and takes the marks away when the photo is sent again.
func TestPageFaces(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--deny-token", "expired"))
	photo, err := os.ReadFile(filepath.Join(root, "face", "testdata", "reference", "astronaut-whole.png"))
	require.NoError(t, err)
	v := p.drop("face.png", photo)
	require.Equal(t, "Accepted", v.Headline, v)
	require.Equal(t, "1 found", v.Server["faces"])
	require.Equal(t, 1, v.Boxes)
	require.Contains(t, v.JSON, `"landmarks"`)

	p.do(chromedp.SetValue("#token", "expired"))
	v = p.send()
	require.Equal(t, "Refused: fail authorization", v.Headline)
	require.Zero(t, v.Boxes)
	p.do(chromedp.SetValue("#token", "any"))

	v = p.drop("flower.webp", good(t, "webp/yellow_rose.lossy.webp"))
	require.Equal(t, "Refused: face not found", v.Headline)
	require.Equal(t, "Accepted", v.Browser["verdict"])
	require.Equal(t, "none found", v.Server["faces"])
	require.Equal(t, `{"error":{"code":4,"message":"face not found"}}`, v.JSON)
	require.True(t, v.Shown, "the picture is whole")
	require.Zero(t, v.Boxes)
}

// TestPageBreaks presses the buttons that break a copy of the photo.
func TestPageBreaks(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	require.Equal(t, "yes", p.drop("good.jpg", good(t, "jpeg/video-001.jpeg")).State)
	for how, headline := range map[string]string{
		"cut":   "Not sent: file corrupted",
		"fill":  "Not sent: file must be less than 10mb",
		"empty": "Not sent: empty input image",
	} {
		p.do(chromedp.Click(`[data-break="` + how + `"]`))
		require.Equal(t, headline, p.settled("good.jpg").Headline)
	}
}

// TestPageTokens sends a good photo with tokens that the server does not take.
func TestPageTokens(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false", "--token", "mine", "--deny-token", "expired"))
	photo := good(t, "jpeg/video-001.jpeg")

	v := p.drop("photo.jpg", photo)
	require.Equal(t, "Refused: unregistered token", v.Headline)
	require.Equal(t, "Accepted", v.Browser["verdict"])
	require.Equal(t, `{"error":{"code":0,"message":"unregistered token"}}`, v.JSON)
	require.Equal(t, "HTTP 401", v.HTTP)

	p.do(chromedp.SetValue("#token", "expired"))
	v = p.send()
	require.Equal(t, "Refused: fail authorization", v.Headline)
	require.Equal(t, `{"error":{"code":1,"message":"fail authorization"}}`, v.JSON)

	p.do(chromedp.SetValue("#token", "mine"))
	require.Equal(t, "Accepted", p.send().Headline)
}

// TestPageOfFreshClone: a build without the browser's check makes it.
func TestPageOfFreshClone(t *testing.T) {
	needChromium(t)
	v := openPage(t, startProgram(t, bare(t), "--face=false")).drop("photo.jpg", good(t, "jpeg/video-001.jpeg"))
	require.Equal(t, "Accepted", v.Browser["verdict"])
	require.Equal(t, "Accepted", v.Server["verdict"])
}

// TestPageWithoutCheck: a build without the browser's check that cannot make it shows the
// server's verdict alone, and speaks of no builds.
func TestPageWithoutCheck(t *testing.T) {
	needChromium(t)
	name := bare(t)
	_, err := browser() // which needs the PATH
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir()) // no go
	p := openPage(t, startProgram(t, name, "--face=false"))
	var lead string
	p.do(chromedp.Text(".lead", &lead))
	require.NotContains(t, lead, "build")
	if dir := os.Getenv("IMGVET_SHOTS"); dir != "" {
		p.shoot(dir, "without-check")
	}
	photo := good(t, "jpeg/video-001.jpeg")

	v := p.drop("photo.jpg", photo)
	require.Equal(t, "Accepted", v.Headline)
	require.Equal(t, "Not checked here", v.Browser["verdict"])
	require.Equal(t, "Accepted", v.Server["verdict"])
	require.True(t, v.Shown)

	v = p.drop("photo.heic", good(t, "heic/grid-2x2.heic"))
	require.Equal(t, "Accepted", v.Headline)
	require.False(t, v.Shown)
	require.Contains(t, v.Plate, "cannot show it")

	v = p.drop("cut.jpg", photo[:len(photo)-100])
	require.Equal(t, "Refused: file corrupted", v.Headline)
	require.NotEmpty(t, v.Advice)
	require.Empty(t, v.Notes)
	require.False(t, v.Shown)
	require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, v.JSON)
	require.Equal(t, (&validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated}).Advice(), v.Advice, "the reason's, not the code's")
	require.Contains(t, v.Server["fault"], "truncated, at byte")
}

// TestPageCheckFails: where the WebAssembly does not arrive there is no verdict of the
// browser, and the server decides alone.
func TestPageCheckFails(t *testing.T) {
	needChromium(t)
	target, err := url.Parse(startServe(t, "--face=false"))
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, ".wasm") {
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer srv.Close()
	p := openPage(t, srv.URL)
	v := p.drop("photo.jpg", good(t, "jpeg/video-001.jpeg"))
	require.Equal(t, "Accepted", v.Headline)
	require.Equal(t, "Could not check", v.Browser["verdict"])
	require.Contains(t, v.Browser["fault"], "404")
	require.Equal(t, "Accepted", v.Server["verdict"])
	require.True(t, v.Shown)

	srv.CloseClientConnections()
	srv.Listener.Close()
	v = p.send()
	require.Equal(t, "No answer came", v.Headline)
	require.Equal(t, "Send again", v.Send)
}

// TestPageOtherWays chooses a photo in the file dialog's stead and pastes one.
func TestPageOtherWays(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	photo := good(t, "jpeg/video-001.jpeg")
	path := filepath.Join(p.dir, "chosen.jpg")
	require.NoError(t, os.WriteFile(path, photo, 0o600))
	p.do(chromedp.SetUploadFiles("#file", []string{path}))
	require.Equal(t, "Accepted", p.settled("chosen.jpg").Headline)

	bytes, err := json.Marshal(photo) // in base64
	require.NoError(t, err)
	p.do(chromedp.Evaluate(fmt.Sprintf(`(() => {
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File([Uint8Array.from(atob(%s), c => c.charCodeAt(0))], "pasted.jpg"));
		document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
	})()`, bytes), nil))
	require.Equal(t, "Accepted", p.settled("pasted.jpg").Headline)
}

// TestPageKeyboard: Tab reaches everything, in the order it is seen, each time with a
// visible outline; and Enter in the token's field sends again.
func TestPageKeyboard(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false", "--token", "mine"))
	p.drop("photo.jpg", good(t, "jpeg/video-001.jpeg"))
	p.do(chromedp.Evaluate(`document.activeElement.blur(); scrollTo(0, 0)`, nil))
	for _, want := range []string{"file", "token", "send", "json", "cut", "fill", "empty", "What each answer means"} {
		var got struct{ Name, Outline string }
		p.do(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`(() => {
			const e = document.activeElement, seen = e.id === "file" ? e.nextElementSibling : e;
			return {Name: e.id || e.dataset.break || e.textContent, Outline: getComputedStyle(seen).outlineStyle};
		})()`, &got))
		require.Equal(t, want, got.Name)
		require.Equal(t, "solid", got.Outline, want)
	}
	p.do(chromedp.SendKeys("#token", "mine"+kb.Enter))
	require.Equal(t, "Accepted", p.settled("photo.jpg").Headline)
}
