// Command fiber is an upload behind the middleware with fiber.
package main

import (
	"crypto/subtle"
	"errors"
	"log"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	app, err := newApp()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(app.Listen("127.0.0.1:8080"))
}

func newApp() (*fiber.App, error) {
	vet, err := middleware.New(middleware.Options{Fields: []string{"image"}, Authorize: authorize})
	if err != nil {
		return nil, err
	}
	app := fiber.New(fiber.Config{
		// fiber reads a body whole, into memory, before any handler runs. So these bound the memory,
		// and slow clients: the middleware's own limits begin when the body is there.
		BodyLimit:   16 << 20, // more than a file may have, so that most clients still read the answer
		Concurrency: 128,      // connections, idle ones too: of bodies at most 2 GiB
		ReadTimeout: 2 * time.Minute,
		IdleTimeout: 5 * time.Second,

		DisablePreParseMultipartForm: true, // the middleware and upload see the client's bytes
		ErrorHandler:                 answer,
	})
	app.Post("/upload", vetted(vet), upload)
	return app, nil
}

type filesKey struct{}

// vetted makes a fiber handler of the middleware. What it verified is in the Locals; its
// File.Open ended with the middleware, and fiber has the body.
func vetted(vet *middleware.Middleware) fiber.Handler {
	return func(c fiber.Ctx) error {
		var files []middleware.File
		passed := false
		next := func(_ http.ResponseWriter, r *http.Request) {
			passed, files = true, middleware.Files(r.Context())
		}
		err := adaptor.HTTPHandler(vet.Wrap(http.HandlerFunc(next)))(c)
		if err != nil || !passed {
			return err
		}
		fiber.Locals(c, filesKey{}, files)
		return c.Next()
	}
}

// upload sends the file back. It need not check it.
func upload(c fiber.Ctx) error {
	header, err := c.FormFile("image")
	if err != nil { // a picture that was not in a form, or in a field of text
		return fiber.NewError(http.StatusBadRequest, "the file image of a form is needed")
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	// fiber closes the file once it is sent.
	c.Type(fiber.Locals[[]middleware.File](c, filesKey{})[0].Result.Format.Extensions()[0])
	return c.SendStream(file, int(header.Size))
}

// answer tells who sent more than BodyLimit the same as who sent a file too large.
func answer(c fiber.Ctx, err error) error {
	if !errors.Is(err, fiber.ErrRequestEntityTooLarge) {
		return fiber.DefaultErrorHandler(c, err)
	}
	return c.Status(middleware.StatusOf(validate.CodeTooLarge)).JSON(validate.ErrTooLarge, "application/json; charset=utf-8")
}

// authorize knows one token.
func authorize(_ *http.Request, token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte("secret")) != 1 {
		return validate.ErrUnregisteredToken
	}
	return nil
}
