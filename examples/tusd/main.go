// Command tusd is a server of resumable uploads (tus.io) that publishes whole pictures only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/tus/tusd/v2/pkg/filestore"
	tusd "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"github.com/tus/tusd/v2/pkg/s3store"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	dir := flag.String("dir", "uploads", "a directory for uploads")
	bucket := flag.String("bucket", "", "an S3 bucket for uploads, in place of -dir")
	flag.Parse()
	var uploads store = filestore.New(*dir)
	if *bucket != "" {
		settings, err := config.LoadDefaultConfig(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		uploads = s3store.New(*bucket, s3.NewFromConfig(settings))
	}
	handler, err := newHandler(uploads, published)
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second} // tusd has NetworkTimeout for bodies
	log.Fatal(srv.ListenAndServe())
}

// published stands for your own code: a row in the database that names the upload, a copy to where
// pictures are served from. What was not published is nobody's, and may be swept after a day.
func published(_ context.Context, upload tusd.FileInfo, res *validate.Result) error {
	log.Print(upload.ID, " is a ", res.Format, " of ", res.Width, " x ", res.Height)
	return nil
}

// store is any of tusd's: of files, S3, GCS or Azure.
type store interface {
	tusd.DataStore
	tusd.TerminaterDataStore
}

const (
	maxBytes     = validate.MaxBytes // of an upload, exclusive
	checkTimeout = time.Minute       // tusd's deadline for the answer is two minutes
	eraseTimeout = 20 * time.Second
)

type uploads struct {
	store   store
	opts    validate.Options
	publish func(context.Context, tusd.FileInfo, *validate.Result) error // after an error nothing is published
}

func newHandler(store store, publish func(context.Context, tusd.FileInfo, *validate.Result) error) (http.Handler, error) {
	limiter, err := validate.NewLimiter(0, 0) // a verification per processor, and memory for all
	if err != nil {
		return nil, err
	}
	u := uploads{store, validate.Options{MaxBytes: maxBytes, Limiter: limiter}, publish}
	// Not store.UseIn: each upload tells its length first, is one file, and is not a client's to delete
	// once it is published.
	composer := tusd.NewStoreComposer()
	composer.UseCore(store)
	memorylocker.New().UseIn(composer) // of one process: with more of them send an upload always to the same
	handler, err := tusd.NewHandler(tusd.Config{
		BasePath:                  "/files/",
		StoreComposer:             composer,
		DisableDownload:           true, // of what is not verified yet
		PreUploadCreateCallback:   u.create,
		PreFinishResponseCallback: u.finish,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/files/", http.StripPrefix("/files/", handler))
	mux.Handle("/files", http.StripPrefix("/files", handler))
	return mux, nil
}

// create refuses by the declared length, before a byte is sent. Config.MaxSize would do so in words
// of tusd's own.
func (u uploads) create(hook tusd.HookEvent) (tusd.HTTPResponse, tusd.FileInfoChanges, error) {
	var err error
	switch {
	case hook.Upload.Size >= maxBytes:
		err = answer(validate.ErrTooLarge)
	case hook.Upload.Size == 0:
		err = answer(validate.ErrEmpty)
	}
	return tusd.HTTPResponse{}, tusd.FileInfoChanges{}, err
}

// finish verifies what has arrived whole and publishes it. Anything else is deleted, also where no
// verdict was possible: the upload is complete, so a client that looks for it would take it for
// accepted. One that is told 404 or 410 sends the file again.
func (u uploads) finish(hook tusd.HookEvent) (tusd.HTTPResponse, error) {
	// The client may be gone, since it has sent everything.
	stays := context.WithoutCancel(hook.Context)
	ctx, cancel := context.WithTimeout(stays, checkTimeout)
	defer cancel()
	upload, err := u.store.GetUpload(ctx, hook.Upload.ID)
	if err != nil { // it is left in the store, unpublished
		return tusd.HTTPResponse{}, failed(hook.Upload.ID, err)
	}
	res, err := u.verify(ctx, upload)
	if err == nil {
		err = u.publish(ctx, hook.Upload, res)
	}
	if err == nil {
		return tusd.HTTPResponse{}, nil
	}
	ctx, cancel = context.WithTimeout(stays, eraseTimeout)
	defer cancel()
	if err := u.store.AsTerminatableUpload(upload).Terminate(ctx); err != nil {
		log.Printf("%s is left in the store, unpublished: %v", hook.Upload.ID, err)
	}
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		return tusd.HTTPResponse{}, answer(refusal)
	}
	return tusd.HTTPResponse{}, failed(hook.Upload.ID, err)
}

func (u uploads) verify(ctx context.Context, upload tusd.Upload) (*validate.Result, error) {
	r, err := upload.GetReader(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return validate.Validate(ctx, r, u.opts)
}

// answer is the canonical refusal.
func answer(refusal *validate.Error) error {
	body, err := json.Marshal(refusal)
	if err != nil {
		return err
	}
	e := tusd.NewError("ERR_REFUSED", refusal.Code.Message(), middleware.StatusOf(refusal.Code))
	e.HTTPResponse.Body = string(body)
	e.HTTPResponse.Header["Content-Type"] = "application/json; charset=utf-8"
	return e
}

// failed is a 503, which clients try again, and tells them nothing of err.
func failed(id string, err error) error {
	log.Printf("%s: %v", id, err)
	return tusd.NewError("ERR_NOT_CHECKED", "the picture could not be checked", http.StatusServiceUnavailable)
}
