// Command gqlgen is a GraphQL server of gqlgen that takes a picture as an Upload.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/imgvet/imgvet/validate"
)

const (
	maxForm     = validate.MaxBytes + 1<<20 // so that a file of a few bytes too many gets its code
	maxQuery    = 1 << 20                   // of a body that is no form
	maxRequests = 64                        // at a time, each with up to maxForm
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
	limiter, err := validate.NewLimiter(0, 0) // a verification per processor, and memory for all
	if err != nil {
		return nil, err
	}
	srv := handler.New(newSchema(&mutationResolver{validate.Options{Limiter: limiter}}))
	srv.AddTransport(transport.POST{})
	srv.AddTransport(transport.MultipartForm{
		MaxUploadSize: maxForm,
		// All forms stay in memory, as gqlgen has it for those that tell no length. It would open a temporary
		// file once for each path in the form's map: a single form could take all descriptors.
		MaxMemory: maxForm + 1,
	})
	// One upload an operation: each alias of the field would verify the file again.
	srv.Use(extension.FixedComplexityLimit(2*uploadComplexity - 1))
	return limited(srv), nil
}

// limited bounds what gqlgen reads into memory: how many requests at a time, and bodies that are no
// forms, which gqlgen takes of any size.
func limited(next http.Handler) http.Handler {
	slots := make(chan struct{}, maxRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			http.Error(w, "too many requests at a time", http.StatusServiceUnavailable)
			return
		}
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			r.Body = http.MaxBytesReader(w, r.Body, maxQuery)
		}
		next.ServeHTTP(w, r)
	})
}

// Picture is a model that gqlgen generates.
type Picture struct {
	Format        string
	Width, Height int
}

type mutationResolver struct{ opts validate.Options }

// UploadPhoto is the resolver of uploadPhoto(image: Upload!): Picture.
func (r *mutationResolver) UploadPhoto(ctx context.Context, image graphql.Upload) (*Picture, error) {
	res, err := validate.Validate(ctx, image.File, r.opts) // image.File.Seek(0, io.SeekStart) to read it again
	if err != nil {
		return nil, graphqlError(ctx, err)
	}
	return &Picture{Format: string(res.Format), Width: res.Width, Height: res.Height}, nil
}

// graphqlError is a refusal with its code and reason for programs, or an error that tells the
// client nothing of what failed in here.
func graphqlError(ctx context.Context, err error) error {
	e := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		e.Message = refusal.Code.Message()
		e.Extensions = map[string]any{"code": "BAD_USER_INPUT", "fileCode": refusal.Code, "reason": refusal.Reason}
		return e
	}
	log.Print(err)
	e.Message = "the picture could not be checked"
	e.Extensions = map[string]any{"code": "INTERNAL_SERVER_ERROR"}
	return e
}
