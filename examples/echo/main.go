// Command echo is an upload behind the middleware with echo.
package main

import (
	"crypto/subtle"
	"log"
	"net/http"
	"time"

	"github.com/labstack/echo/v5"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute}
	log.Fatal(srv.ListenAndServe())
}

func newHandler() (http.Handler, error) {
	vet, err := middleware.New(middleware.Options{Fields: []string{"image"}, Authorize: authorize})
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.POST("/upload", upload, echo.WrapMiddleware(vet.Wrap))
	return e, nil
}

// upload sends the file back. It reads the form as if nobody had before, and need
// not check it.
func upload(c *echo.Context) error {
	header, err := c.FormFile("image")
	if err != nil {
		return err
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	format := middleware.Files(c.Request().Context())[0].Result.Format
	return c.Stream(http.StatusOK, format.MIME(), file)
}

// authorize knows one token.
func authorize(_ *http.Request, token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte("secret")) != 1 {
		return validate.ErrUnregisteredToken
	}
	return nil
}
