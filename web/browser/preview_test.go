package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// TestPreviews: in Chromium, previews of HEIC are the pixels of heic.DecodeReduced, as an
// ImageData, and a file that was refused has none.
func TestPreviews(t *testing.T) {
	needChromium(t)
	var files []file
	for _, name := range []string{
		"grid-2x2.heic", "grid-1x2-irot-exif-thumbnail.heic", "irot-270-imir-0.heic", "heif-enc-10-bit.heic",
		"heif-enc-gray.heic", "heif-enc-422.heic", "heif-enc-lossless-rgb444.heic", "overlay.heic",
	} {
		files = append(files, file{name, good(t, "heic/"+name)})
	}
	files = append(files, file{"cut", files[0].data[:2000]}, file{"a JPEG", good(t, "jpeg/video-001.jpeg")})
	var answer string
	require.NoError(t, chromedp.Run(newTab(t), chromedp.Navigate(serveFiles(t, files)), chromedp.Evaluate(fmt.Sprintf(`(async () => {
		const imgvet = await import("/check/index.js");
		const all = [];
		for (let n = 0; n < %d; n++) {
			try {
				const p = await imgvet.preview(await (await fetch("/file/" + n)).blob(), { maxSide: 4096 });
				if (!(p instanceof ImageData)) throw new Error("no ImageData");
				const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", p.data));
				all.push([p.width, p.height, p.colorSpace, Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("")].join(" "));
			} catch (error) {
				all.push(error instanceof imgvet.NoPreview ? error.reason : String(error));
			}
		}
		return JSON.stringify(all);
	})()`, len(files)), &answer, awaited)))
	var got, want []string
	require.NoError(t, json.Unmarshal([]byte(answer), &got))
	for _, f := range files[:len(files)-2] {
		img, err := heic.DecodeReduced(t.Context(), f.data, heic.Limits{}, 1)
		require.NoError(t, err)
		sum := sha256.Sum256(pixels(img))
		want = append(want, fmt.Sprintf("%d %d srgb %s", img.Bounds().Dx(), img.Bounds().Dy(), hex.EncodeToString(sum[:])))
	}
	require.Equal(t, append(want, "refused", "format"), got)
}

// pixels returns a picture as ImageData has it.
func pixels(img image.Image) []byte {
	var out []byte
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			out = append(out, c.R, c.G, c.B, c.A)
		}
	}
	return out
}

// TestPagePreview: a HEIC is shown though the server is never asked for it, and though it
// has gone; a refused one is not. The page's canvas holds the pixels of the library.
func TestPagePreview(t *testing.T) {
	needChromium(t)
	target, err := url.Parse(startServe(t, "--face=false"))
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	var posts []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			mu.Lock()
			posts = append(posts, r.URL.Path)
			mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	}))
	defer srv.Close()
	p := openPage(t, srv.URL)
	photo := good(t, "heic/irot-90.heic")

	v := p.drop("photo.heic", photo)
	require.Equal(t, "Accepted", v.Headline)
	require.True(t, v.Shown && v.Drawn, "%+v", v)
	mu.Lock()
	require.Equal(t, []string{"/face_recon/run_pipeline"}, posts, "the upload alone")
	mu.Unlock()

	v = p.drop("cut.heic", photo[:len(photo)-1])
	require.Equal(t, "Not sent: file corrupted", v.Headline)
	require.False(t, v.Shown || v.Drawn)
	require.Contains(t, v.Plate, "Not shown")
	v = p.send()
	require.Equal(t, "Refused: file corrupted", v.Headline)
	require.False(t, v.Shown || v.Drawn)

	srv.CloseClientConnections()
	srv.Listener.Close()
	v = p.drop("again.heic", photo)
	require.Equal(t, "No answer came", v.Headline)
	require.True(t, v.Shown && v.Drawn, "%+v", v)
	var got struct{ Sum, Label string }
	p.do(chromedp.Evaluate(`(async () => {
		const canvas = document.getElementById("drawn");
		const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
		return { Sum: Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join(""), Label: canvas.ariaLabel };
	})()`, &got, awaited))
	img, err := heic.DecodeReduced(t.Context(), photo, heic.Limits{}, 1)
	require.NoError(t, err)
	want := sha256.Sum256(pixels(img))
	require.Equal(t, hex.EncodeToString(want[:]), got.Sum)
	require.Equal(t, "Your photo", got.Label)
}

// TestPagePreviewLeft: who chooses another file while a preview is made sees that one.
func TestPagePreviewLeft(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false"))
	p.drop("first.jpg", good(t, "jpeg/video-001.jpeg"))
	p.choose("slow.heic", good(t, "heic/grid-2x2.heic"))
	p.do(chromedp.Poll(`document.getElementById("file-name").textContent.startsWith("slow.heic")`, nil))
	v := p.drop("other.png", good(t, "png/pngsuite-basn2c08.png"))
	require.Equal(t, "Accepted", v.Headline)
	require.True(t, v.Shown)
	require.False(t, v.Drawn)
}
