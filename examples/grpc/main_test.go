package main

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"

	"github.com/imgvet/imgvet/examples/internal/try"
	"github.com/imgvet/imgvet/validate"
)

// dial starts a server, and connects to it.
func dial(t *testing.T, srv *grpc.Server) *grpc.ClientConn {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	conn, err := grpc.NewClient(ln.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		srv.Stop()
		require.NoError(t, <-ended)
	})
	return conn
}

func dialExample(t *testing.T) *grpc.ClientConn {
	srv, err := newServer()
	require.NoError(t, err)
	return dial(t, srv)
}

// open begins a call.
func open(ctx context.Context, t *testing.T, conn *grpc.ClientConn, opts ...grpc.CallOption) grpc.ClientStreamingClient[Chunk, Picture] {
	stream, err := conn.NewStream(ctx, &service().Streams[0], "/photos.v1.PhotoService/Upload", opts...)
	require.NoError(t, err)
	return &grpc.GenericClientStream[Chunk, Picture]{ClientStream: stream}
}

// upload sends a file in chunks, and an empty one between them.
func upload(t *testing.T, conn *grpc.ClientConn, file []byte, chunk int, opts ...grpc.CallOption) (*Picture, error) {
	stream := open(t.Context(), t, conn, opts...)
	for len(file) > 0 {
		n := min(chunk, len(file))
		if stream.Send(&Chunk{Value: file[:n]}) != nil || stream.Send(&Chunk{}) != nil {
			break // the server has answered already
		}
		file = file[n:]
	}
	return stream.CloseAndRecv()
}

func TestUpload(t *testing.T) {
	conn := dialExample(t)
	for _, p := range try.Pictures(t) {
		for name, opts := range map[string][]grpc.CallOption{"plain": nil, "gzip": {grpc.UseCompressor(gzip.Name)}} {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				picture, err := upload(t, conn, p.File, 64<<10, opts...)
				if p.Code < 0 {
					require.NoError(t, err)
					require.Equal(t, "jpeg", picture.Fields["format"].GetStringValue())
					return
				}
				s := status.Convert(err)
				require.Equal(t, codes.InvalidArgument, s.Code())
				require.Equal(t, p.Message, s.Message())
				require.Len(t, s.Details(), 1)
				info, ok := s.Details()[0].(*errdetails.ErrorInfo)
				require.True(t, ok)
				require.Equal(t, strings.ToUpper(p.Reason), info.GetReason())
				require.Equal(t, strconv.Itoa(p.Code), info.GetMetadata()["code"])
			})
		}
	}
}

// TestLimits: a message that is too long is no verdict, and the call ends with the verdict although
// the client has more to send.
func TestLimits(t *testing.T) {
	conn := dialExample(t)
	_, err := upload(t, conn, make([]byte, 3<<20), 3<<20)
	require.Equal(t, codes.ResourceExhausted, status.Code(err), "%v", err)

	stream := open(t.Context(), t, conn)
	sent := 0
	for sent < 1000 && stream.Send(&Chunk{Value: make([]byte, 64<<10)}) == nil {
		sent++
	}
	require.Less(t, sent, 1000)
	_, err = stream.CloseAndRecv()
	require.Equal(t, codes.InvalidArgument, status.Code(err), "%v", err)
}

// TestBroken: a client that goes away in the middle has sent no bad picture.
func TestBroken(t *testing.T) {
	began, ended := make(chan bool), make(chan error, 1)
	srv := grpc.NewServer(grpc.StreamInterceptor(func(s any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, h grpc.StreamHandler) error {
		close(began)
		err := h(s, stream)
		ended <- err
		return err
	}))
	srv.RegisterService(service(), &photos{})
	ctx, cancel := context.WithCancel(t.Context())
	stream := open(ctx, t, dial(t, srv))
	require.NoError(t, stream.Send(&Chunk{Value: try.Pictures(t)[0].File[:1000]}))
	<-began
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-ended))
	_, err := stream.CloseAndRecv() // not before: it would end the file
	require.Equal(t, codes.Canceled, status.Code(err))
}

// TestFailure: what fails in the service is told to its log alone.
func TestFailure(t *testing.T) {
	failed := validate.Check(func(context.Context, *validate.Picture) error { return errors.New("secret") })
	srv := grpc.NewServer()
	srv.RegisterService(service(), &photos{validate.Options{Checks: []validate.Check{failed}}})
	_, err := upload(t, dial(t, srv), try.Pictures(t)[0].File, 64<<10)
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, err.Error(), "secret")
}
