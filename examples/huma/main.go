// Command huma is an API of huma that takes a picture in a form.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// maxForm is more than a file may have, so that one of a few bytes too many gets its code.
const maxForm = validate.MaxBytes + 1<<20

const readTimeout = 2 * time.Minute // of a whole form

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout}
	log.Fatal(srv.ListenAndServe())
}

func newHandler() (http.Handler, error) {
	limiter, err := validate.NewLimiter(0, 0) // a verification per processor, and memory for all
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Photos", "1.0.0"))
	service := photos{validate.Options{Limiter: limiter}}
	huma.Register(api, huma.Operation{OperationID: "upload", Method: http.MethodPost, Path: "/upload",
		BodyReadTimeout: readTimeout}, service.upload) // huma's own is 5 seconds
	return limited(mux), nil
}

// limited bounds the forms: huma's MaxBodyBytes is for other bodies, and huma writes a form of any
// size to temporary files.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

type (
	uploadInput struct {
		RawBody huma.MultipartFormFiles[struct {
			Image huma.FormFile `form:"image" required:"true"`
		}]
	}
	uploadOutput struct{ Body picture }
	picture      struct {
		Format string `json:"format"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
)

type photos struct{ opts validate.Options }

func (p photos) upload(ctx context.Context, input *uploadInput) (*uploadOutput, error) {
	file := input.RawBody.Data().Image
	defer file.Close()
	res, err := validate.Validate(ctx, file, p.opts)
	if err != nil {
		return nil, problem(err)
	}
	return &uploadOutput{picture{string(res.Format), res.Width, res.Height}}, nil
}

// refused is huma's problem details (RFC 9457) with the code and the reason.
type refused struct {
	huma.ErrorModel
	Code   validate.Code   `json:"code"`
	Reason validate.Reason `json:"reason"`
}

func problem(err error) error {
	var refusal *validate.Error
	if !errors.As(err, &refusal) {
		log.Print(err) // which the client is not told
		return huma.Error500InternalServerError("the picture could not be checked")
	}
	status := middleware.StatusOf(refusal.Code)
	return &refused{huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: refusal.Code.Message()},
		refusal.Code, refusal.Reason}
}
