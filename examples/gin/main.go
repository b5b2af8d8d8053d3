// Command gin is an upload behind the middleware with gin.
package main

import (
	"crypto/subtle"
	"log"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

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
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.POST("/upload", vetted(vet), upload)
	return r, nil
}

// vetted makes a gin handler of the middleware: what comes after it in the chain
// runs inside, where the body lives, and not at all if the upload was refused.
func vetted(vet *middleware.Middleware) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		next := func(_ http.ResponseWriter, r *http.Request) {
			passed = true
			c.Request = r
			c.Next()
		}
		vet.Wrap(http.HandlerFunc(next)).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}

// upload sends the file back. It reads the form as if nobody had before, and need
// not check it.
func upload(c *gin.Context) {
	header, err := c.FormFile("image")
	if err != nil {
		c.String(http.StatusBadRequest, err.Error())
		return
	}
	file, err := header.Open()
	if err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	defer file.Close()
	format := middleware.Files(c.Request.Context())[0].Result.Format
	c.DataFromReader(http.StatusOK, header.Size, format.MIME(), file, nil)
}

// authorize knows one token.
func authorize(_ *http.Request, token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte("secret")) != 1 {
		return validate.ErrUnregisteredToken
	}
	return nil
}
