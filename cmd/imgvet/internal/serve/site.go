package serve

import (
	"net/http"
	"sync"

	"github.com/imgvet/imgvet/middleware"
)

// site is the page and what it loads. They are put together with the first request, which
// waits for the browser's check if that is still being made.
type site struct {
	parts func() (siteParts, error)
}

type siteParts struct {
	files *assets
	html  http.Handler
}

func newSite(opts middleware.Options, check browserCheck) site {
	return site{sync.OnceValues(func() (siteParts, error) {
		files, err := newAssets(check.Files())
		if err != nil {
			return siteParts{}, err
		}
		html, err := renderPage(opts, files)
		return siteParts{files, html}, err
	})}
}

// stylePath is the style sheet's address for pages that are made without the site's parts.
const stylePath = "/page.css"

func (site) style(w http.ResponseWriter, r *http.Request) {
	setPolicy(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, pageFiles, "page/page.css")
}

// ServeHTTP answers for the page, and below assetsPath for what it loads.
func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts, err := s.parts()
	switch {
	case err != nil:
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	case r.URL.Path == "/":
		parts.html.ServeHTTP(w, r)
	default:
		parts.files.ServeHTTP(w, r)
	}
}
