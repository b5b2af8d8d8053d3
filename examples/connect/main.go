// Command connect takes a picture as a stream of chunks, over Connect, gRPC and gRPC-Web.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/imgvet/imgvet/validate"
)

// procedure would be a constant of the generated code, and so would be the types Chunk and Picture.
const procedure = "/photos.v1.PhotoService/Upload"

type (
	Chunk   = wrapperspb.BytesValue // message Chunk { bytes value = 1; }
	Picture = structpb.Struct
)

const maxChunk = 1 << 20 // of one message, decompressed; the picture has validate.MaxBytes

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, Protocols: new(http.Protocols),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true) // gRPC needs HTTP/2
	log.Fatal(srv.ListenAndServe())
}

func newHandler() (http.Handler, error) {
	limiter, err := validate.NewLimiter(0, 0) // a verification per processor, and memory for all
	if err != nil {
		return nil, err
	}
	service := photos{validate.Options{Limiter: limiter}}
	mux := http.NewServeMux()
	mux.Handle(procedure, connect.NewClientStreamHandler(procedure, service.Upload, connect.WithReadMaxBytes(maxChunk)))
	return mux, nil
}

type photos struct{ opts validate.Options }

// Upload verifies the picture while it arrives: it ends the call as soon as the verdict is certain.
func (p photos) Upload(ctx context.Context, stream *connect.ClientStream[Chunk]) (*connect.Response[Picture], error) {
	res, err := validate.Validate(ctx, &chunks{stream: stream}, p.opts)
	if err != nil {
		return nil, connectError(err, stream.Err())
	}
	picture, err := structpb.NewStruct(map[string]any{"format": string(res.Format), "width": res.Width, "height": res.Height})
	return connect.NewResponse(picture), err
}

// chunks reads the bytes of a stream's messages.
type chunks struct {
	stream *connect.ClientStream[Chunk]
	rest   []byte
}

func (c *chunks) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if !c.stream.Receive() {
			if err := c.stream.Err(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
		c.rest = c.stream.Msg().GetValue()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// connectError is a refusal with its reason and code for programs, or what broke the stream, or an
// error that tells the client nothing of what failed in here.
func connectError(err, broken error) error {
	var refusal *validate.Error
	switch {
	case errors.As(err, &refusal):
		e := connect.NewError(connect.CodeInvalidArgument, errors.New(refusal.Code.Message()))
		info := &errdetails.ErrorInfo{Domain: "github.com/imgvet/imgvet", Reason: strings.ToUpper(string(refusal.Reason)),
			Metadata: map[string]string{"code": strconv.Itoa(int(refusal.Code))}}
		if detail, err := connect.NewErrorDetail(info); err == nil {
			e.AddDetail(detail)
		}
		return e
	case broken != nil:
		return broken
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	log.Print(err)
	return connect.NewError(connect.CodeInternal, errors.New("the picture could not be checked"))
}
