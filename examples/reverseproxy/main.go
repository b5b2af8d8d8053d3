// Command reverseproxy is the middleware before a service that runs elsewhere.
// "imgvet proxy" is this and more as a program.
package main

import (
	"crypto/subtle"
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	service := flag.String("service", "http://127.0.0.1:9000", "the service behind")
	flag.Parse()
	target, err := url.Parse(*service)
	if err != nil {
		log.Fatal(err)
	}
	handler, err := newHandler(target)
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute}
	log.Fatal(srv.ListenAndServe())
}

func newHandler(service *url.URL) (http.Handler, error) {
	vet, err := middleware.New(middleware.Options{
		Fields:    []string{"image"},
		Rewrite:   true, // whatever parser the service has
		Authorize: authorize,
	})
	if err != nil {
		return nil, err
	}
	// Rewrite, not Director: with it the client's own Forwarded and X-Forwarded
	// headers are dropped before ours are set.
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(service)
		r.SetXForwarded()
		// What follows a switch of protocols would go past the middleware.
		r.Out.Header.Del("Upgrade")
		r.Out.Header.Del("Connection")
	}}
	return vet.Wrap(proxy), nil
}

// authorize knows one token.
func authorize(_ *http.Request, token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte("secret")) != 1 {
		return validate.ErrUnregisteredToken
	}
	return nil
}
