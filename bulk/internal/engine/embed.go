package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Embedded is a NATS server in this process, which listens nowhere.
type Embedded struct {
	server *server.Server
	Conn   *nats.Conn
}

// Embed starts a server that keeps its streams in a folder, and connects to it.
func Embed(folder string) (*Embedded, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "imgvet-bulk", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: folder,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 40,
	})
	if err != nil {
		return nil, fmt.Errorf("embedded server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		s.Shutdown()
		return nil, errors.New("embedded server: not ready in 30 seconds")
	}
	nc, err := Connect(Access{Name: "imgvet-bulk", Options: []nats.Option{nats.InProcessServer(s)}})
	if err != nil {
		s.Shutdown()
		return nil, err
	}
	return &Embedded{s, nc}, nil
}

// Close ends the connection and the server. What was not acknowledged is delivered again.
func (e *Embedded) Close() {
	e.Conn.Close()
	e.server.Shutdown()
	e.server.WaitForShutdown()
}
