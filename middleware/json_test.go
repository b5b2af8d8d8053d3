package middleware_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

func TestJSONBody(t *testing.T) {
	png := goodPNG(t)
	text := base64.StdEncoding.EncodeToString(png)
	padded := base64.StdEncoding.EncodeToString(goodFile(t, "jpeg/cjpeg-420.jpg"))
	const pass = -2
	for _, tt := range []struct {
		name, body string
		want       int // a code, -1 for malformed, or pass
	}{
		{"base64", `{"image":"` + text + `"}`, pass},
		{"data URL", `{"image":"data:image/png;base64,` + text + `"}`, pass},
		{"data URL with parameters", `{"image":"data:;a=b;base64,` + text + `"}`, pass},
		{"escaped slashes", ` { "image" : "` + strings.ReplaceAll("data:image/png;base64,"+text, "/", `\/`) + `" } `, pass},
		{"unicode escapes in capitals", `{"im\u0061ge":"` + text + `","a":"\u00E9\uABCD"}`, pass},
		{"unicode escape of control characters", "{\"a\":\"\\u\x10\x10\x14\x11\",\"image\":\"" + text + `"}`, -1},
		{"unicode escapes", `{"im\u0061ge":"\u0064ata:image/png;base64,` + text + `"}`, pass},
		{"other members", `{"a":[1,-2.5e3,{"b":null,"c":[[],{}]}],"image":"` + padded + `","z":"\ud83d\ude00","t":true}`, pass},
		{"cut picture", `{"image":"` + base64.StdEncoding.EncodeToString(png[:len(png)-3]) + `"}`, 5},
		{"no picture", `{"image":"AAAA"}`, 5},
		{"empty string", `{"image":""}`, 6},
		{"empty data URL", `{"image":"data:image/png;base64,"}`, 6},
		{"null", `{"image":null}`, 6},
		{"missing", `{"token":"x"}`, 6},
		{"empty object", `{}`, 6},
		{"empty body", ``, 6},
		{"number", `{"image":5}`, -1},
		{"data URL without base64", `{"image":"data:image/png,` + text + `"}`, -1},
		{"data URL without end", `{"image":"data:` + strings.Repeat("a", 600) + `"}`, -1},
		{"URL alphabet", `{"image":"` + text[:8] + "_-" + text[10:] + `"}`, -1},
		{"no padding", `{"image":"` + strings.TrimRight(base64.StdEncoding.EncodeToString([]byte("\x89PNG")), "=") + `"}`, -1},
		{"line ends", `{"image":"` + text[:76] + `\r\n` + text[76:] + `"}`, pass},
		{"line ends as Android writes them", `{"image":"` + text[:76] + `\n` + text[76:] + `\n"}`, pass},
		{"line end in the padding", `{"image":"` + base64.StdEncoding.EncodeToString([]byte("\x89PNG\r"))[:7] + `\n=\n"}`, 5},
		{"canvas without pixels", `{"image":"data:,"}`, 6},
		{"data URL of nothing", `{"image":"data:image/png,"}`, 6},
		{"blank in base64", `{"image":"` + text[:76] + ` ` + text[76:] + `"}`, -1},
		{"data behind padding", `{"image":"QQ==` + text + `"}`, -1},
		{"one letter behind padding", `{"image":"QQ==Q"}`, -1},
		{"third padding", `{"image":"QQ==="}`, -1},
		{"loose bits", `{"image":"QR=="}`, -1},
		{"twice", `{"image":"` + text + `","image":"` + text + `"}`, -1},
		{"twice by an escape", `{"image":"` + text + `","im\u0061ge":"` + text + `"}`, -1},
		{"in another case", `{"image":"` + text + `","Image":"` + text + `"}`, -1},
		{"Kelvin sign", `{"image":"` + text + `","to` + "\u212a" + `en":"x"}`, -1},
		{"token as number", `{"token":1,"image":"` + text + `"}`, -1},
		{"lone surrogate", `{"a":"\ud83d","image":"` + text + `"}`, -1},
		{"control character", "{\"image\":\"\n" + text + `"}`, -1},
		{"array", `["` + text + `"]`, -1},
		{"data behind", `{"image":"` + text + `"}{}`, -1},
		{"trailing comma", `{"image":"` + text + `",}`, -1},
		{"deep", `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `,"image":"` + text + `"}`, -1},
		{"NUL", `{"image":"` + text + "\"}\x00", -1},
		{"bare word", `{"a":x,"image":"` + text + `"}`, -1},
		{"escape unknown", `{"a":"\x","image":"` + text + `"}`, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := middleware.Options{JSONField: "image"}
			w, s := send(t, opts, post([]byte(tt.body), "application/json; charset=utf-8"))
			switch tt.want {
			case pass:
				requirePassed(t, w, s, []byte(tt.body))
				require.Len(t, s.files, 1)
				require.Equal(t, "image", s.files[0].Field)
			case -1:
				requireFailed(t, w, s, http.StatusBadRequest)
			default:
				requireRefused(t, w, s, tt.want)
			}
		})
	}
}

func TestEveryPrefixOfJSON(t *testing.T) {
	body := `{"a":[1],"image":"` + base64.StdEncoding.EncodeToString(goodPNG(t)) + `","token":"x"}`
	for n := 1; n < len(body); n++ {
		w, s := send(t, middleware.Options{JSONField: "image"}, post([]byte(body[:n]), "application/json"))
		require.Equal(t, http.StatusBadRequest, w.Code, body[:n])
		requireFailed(t, w, s, http.StatusBadRequest)
	}
}

func TestJSONToken(t *testing.T) {
	text := base64.StdEncoding.EncodeToString(goodPNG(t))
	for body, want := range map[string]int{
		`{"token":"good","image":"` + text + `"}`:      204,
		`{"image":"` + text + `","token":"go\u006fd"}`: 204,
		`{"image":"` + text + `","token":"bad"}`:       401,
		`{"image":"` + text + `","token":null}`:        401,
		`{"image":"` + text + `"}`:                     401,
		`{"token":"poor","image":"` + text + `"}`:      403,
	} {
		var a access
		w, s := send(t, middleware.Options{JSONField: "image", Authorize: a.authorize}, post([]byte(body), "application/json"))
		require.Equal(t, want, w.Code, body)
		require.Equal(t, want == 204, s.called)
		require.Equal(t, 1, a.calls)
	}
}

func TestJSONLimits(t *testing.T) {
	const limit = 10 << 20
	for _, size := range []int{limit - 1, limit} {
		body := []byte(`{"image":"` + base64.StdEncoding.EncodeToString(bigPNG(t, size)) + `"}`)
		w, s := send(t, middleware.Options{JSONField: "image"}, post(body, "application/json"))
		if size < limit {
			requirePassed(t, w, s, body)
			continue
		}
		requireRefused(t, w, s, 3)
	}
}
