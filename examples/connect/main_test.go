package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/imgvet/imgvet/examples/internal/try"
	"github.com/imgvet/imgvet/validate"
)

// serve starts a server of HTTP/1.1 and HTTP/2 without TLS, and returns its URL.
func serve(t *testing.T, h http.Handler) string {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func httpClient(t *testing.T, http2 bool) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// clients speak every protocol that the handler does.
func clients(t *testing.T, url string) map[string]*connect.Client[Chunk, Picture] {
	h2 := httpClient(t, true)
	return map[string]*connect.Client[Chunk, Picture]{
		"Connect":               connect.NewClient[Chunk, Picture](h2, url+procedure),
		"Connect over HTTP/1.1": connect.NewClient[Chunk, Picture](httpClient(t, false), url+procedure),
		"gRPC":                  connect.NewClient[Chunk, Picture](h2, url+procedure, connect.WithGRPC()),
		"gRPC-Web":              connect.NewClient[Chunk, Picture](h2, url+procedure, connect.WithGRPCWeb()),
		"gRPC, gzip":            connect.NewClient[Chunk, Picture](h2, url+procedure, connect.WithGRPC(), connect.WithSendGzip()),
	}
}

// upload sends a file in chunks.
func upload(ctx context.Context, client *connect.Client[Chunk, Picture], file []byte, chunk int) (*connect.Response[Picture], error) {
	stream := client.CallClientStream(ctx)
	for r := bytes.NewReader(file); r.Len() > 0; {
		b := make([]byte, min(chunk, r.Len()))
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		if err := stream.Send(&Chunk{Value: b}); err != nil {
			if !errors.Is(err, io.EOF) { // io.EOF: the server has answered already
				return nil, err
			}
			break
		}
	}
	return stream.CloseAndReceive()
}

func newServer(t *testing.T) string {
	h, err := newHandler()
	require.NoError(t, err)
	return serve(t, h)
}

func TestUpload(t *testing.T) {
	url := newServer(t)
	for _, p := range try.Pictures(t) {
		for name, client := range clients(t, url) {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				resp, err := upload(t.Context(), client, p.File, 64<<10)
				if p.Code < 0 {
					require.NoError(t, err)
					require.Equal(t, "jpeg", resp.Msg.Fields["format"].GetStringValue())
					require.Positive(t, resp.Msg.Fields["width"].GetNumberValue())
					return
				}
				require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(err))
				var e *connect.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, p.Message, e.Message())
				require.Len(t, e.Details(), 1)
				detail, err := e.Details()[0].Value()
				require.NoError(t, err)
				info, ok := detail.(*errdetails.ErrorInfo)
				require.True(t, ok)
				require.Equal(t, strings.ToUpper(p.Reason), info.GetReason())
				require.Equal(t, strconv.Itoa(p.Code), info.GetMetadata()["code"])
			})
		}
	}
}

// TestChunks: how the stream is cut does not matter, and empty chunks are no end.
func TestChunks(t *testing.T) {
	client := clients(t, newServer(t))["gRPC"]
	good := try.Pictures(t)[0].File
	for _, size := range []int{1 << 10, maxChunk / 2} {
		_, err := upload(t.Context(), client, good, size)
		require.NoError(t, err)
	}
	stream := client.CallClientStream(t.Context())
	for _, b := range [][]byte{nil, good[:1000], nil, nil, good[1000:], nil} {
		require.NoError(t, stream.Send(&Chunk{Value: b}))
	}
	_, err := stream.CloseAndReceive()
	require.NoError(t, err)
}

// TestLimits: a message that is too long is refused before it is read or decompressed, and is no verdict.
func TestLimits(t *testing.T) {
	for name, client := range clients(t, newServer(t)) {
		_, err := upload(t.Context(), client, make([]byte, 3*maxChunk), 3*maxChunk)
		require.Equal(t, connect.CodeResourceExhausted, connect.CodeOf(err), "%s: %v", name, err)
	}
}

// TestEarly: the call ends with the verdict, although the client has more to send.
func TestEarly(t *testing.T) {
	for name, client := range clients(t, newServer(t)) {
		if name == "Connect over HTTP/1.1" { // its answer may come with the end of the request
			continue
		}
		stream := client.CallClientStream(t.Context())
		sent := 0
		for ; sent < 1000; sent++ {
			if stream.Send(&Chunk{Value: make([]byte, 64<<10)}) != nil {
				break
			}
		}
		require.Less(t, sent, 1000, name)
		_, err := stream.CloseAndReceive()
		require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(err), "%s: %v", name, err)
	}
}

// TestBroken: a client that goes away in the middle has sent no bad picture.
func TestBroken(t *testing.T) {
	for _, name := range []string{"Connect", "gRPC"} {
		began, ended := make(chan bool), make(chan error, 1)
		url := serve(t, connect.NewClientStreamHandler(procedure, func(ctx context.Context, s *connect.ClientStream[Chunk]) (*connect.Response[Picture], error) {
			close(began)
			resp, err := photos{}.Upload(ctx, s)
			ended <- err
			return resp, err
		}))
		ctx, cancel := context.WithCancel(t.Context())
		stream := clients(t, url)[name].CallClientStream(ctx)
		require.NoError(t, stream.Send(&Chunk{Value: try.Pictures(t)[0].File[:1000]}))
		<-began
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) { // which connect makes a code of
			require.Equal(t, connect.CodeCanceled, connect.CodeOf(err), "%v", err)
		}
		_, err := stream.CloseAndReceive() // not before: it would end the file
		require.Equal(t, connect.CodeCanceled, connect.CodeOf(err))
	}
}

// TestFailure: what fails in the service is told to its log alone.
func TestFailure(t *testing.T) {
	failed := validate.Check(func(context.Context, *validate.Picture) error {
		return &net.OpError{Op: "dial", Err: errors.New("10.0.0.7: the database's secret")}
	})
	service := photos{validate.Options{Checks: []validate.Check{failed}}}
	url := serve(t, connect.NewClientStreamHandler(procedure, service.Upload))
	_, err := upload(t.Context(), clients(t, url)["gRPC"], try.Pictures(t)[0].File, 64<<10)
	require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
	require.NotContains(t, err.Error(), "secret")
}
