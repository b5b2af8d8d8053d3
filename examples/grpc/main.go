// Command grpc takes a picture as a stream of chunks with grpc-go.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/imgvet/imgvet/validate"
)

// The types and the description of the service would be those of the generated code.
type (
	Chunk   = wrapperspb.BytesValue // message Chunk { bytes value = 1; }
	Picture = structpb.Struct
)

func service() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: "photos.v1.PhotoService", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
		StreamName: "Upload", ClientStreams: true,
		Handler: func(srv any, stream grpc.ServerStream) error {
			return srv.(*photos).Upload(&grpc.GenericServerStream[Chunk, Picture]{ServerStream: stream})
		},
	}}}
}

func main() {
	srv, err := newServer()
	if err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(srv.Serve(ln))
}

func newServer() (*grpc.Server, error) {
	limiter, err := validate.NewLimiter(0, 0) // a verification per processor, and memory for all
	if err != nil {
		return nil, err
	}
	srv := grpc.NewServer(
		grpc.MaxRecvMsgSize(1<<20), // one chunk, decompressed; the picture has validate.MaxBytes
		grpc.MaxConcurrentStreams(64),
		// What ends a call whose client sends nothing: grpc-go has no limit for one stream.
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 5 * time.Minute, MaxConnectionAgeGrace: 2 * time.Minute}),
	)
	srv.RegisterService(service(), &photos{validate.Options{Limiter: limiter}})
	return srv, nil
}

type photos struct{ opts validate.Options }

// Upload verifies the picture while it arrives: it ends the call as soon as the verdict is certain.
func (p *photos) Upload(stream grpc.ClientStreamingServer[Chunk, Picture]) error {
	r := &chunks{stream: stream}
	res, err := validate.Validate(stream.Context(), r, p.opts)
	if err != nil {
		return statusError(err, r.err)
	}
	picture, err := structpb.NewStruct(map[string]any{"format": string(res.Format), "width": res.Width, "height": res.Height})
	if err != nil {
		return err
	}
	return stream.SendAndClose(picture)
}

// chunks reads the bytes of a stream's messages.
type chunks struct {
	stream grpc.ClientStreamingServer[Chunk, Picture]
	rest   []byte
	err    error // what broke the stream
}

func (c *chunks) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		chunk, err := c.stream.Recv()
		if err != nil {
			if err != io.EOF {
				c.err = err
			}
			return 0, err
		}
		c.rest = chunk.GetValue()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// statusError is a refusal with its reason and code for programs, or what broke the stream, or an
// error that tells the client nothing of what failed in here.
func statusError(err, broken error) error {
	var refusal *validate.Error
	switch {
	case errors.As(err, &refusal):
		s := status.New(codes.InvalidArgument, refusal.Code.Message())
		info := &errdetails.ErrorInfo{Domain: "github.com/imgvet/imgvet", Reason: strings.ToUpper(string(refusal.Reason)),
			Metadata: map[string]string{"code": strconv.Itoa(int(refusal.Code))}}
		if detailed, err := s.WithDetails(info); err == nil {
			s = detailed
		}
		return s.Err()
	case broken != nil:
		return broken
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	log.Print(err)
	return status.Error(codes.Internal, "the picture could not be checked")
}
